package entity

import (
	"strings"

	"golang.org/x/net/idna"
)

// topLevel reports whether s is a top-level domain: of a country, or a common general one.
func topLevel(s string) bool {
	if len(s) == 2 {
		return strings.Contains(countryDomains, " "+s+" ")
	}
	return len(s) > 2 && strings.Contains(generalDomains, " "+s+" ")
}

const countryDomains = " ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz " +
	"ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh " +
	"gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb " +
	"lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa " +
	"pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg " +
	"th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw "

const generalDomains = " com net org edu gov mil int info biz name pro aero coop museum jobs mobi travel asia cat tel post arpa app dev " +
	"page blog shop store online site website tech live news club xyz top vip work world today life media studio social network cloud " +
	"digital agency games fun space stream video wiki email chat link click one art design photo press london tokyo paris berlin sport " +
	"football sports tours events show movie band radio music tube zone center global community science "

// otherDomains are the top-level domains of other letters, as of twitter-text 3.
var otherDomains = strings.Fields(
	"vermögensberater vermögensberatung ελ ευ бг бел дети ею католик ком мкд мон москва онлайн орг рус " +
		"рф сайт срб укр қаз հայ קום ابوظبي اتصالات ارامكو الاردن البحرين الجزائر السعودية " +
		"العليان المغرب امارات ایران بارت بازار بيتك بھارت تونس سودان سورية شبكة عراق عرب " +
		"عمان فلسطين قطر كاثوليك كوم مصر مليسيا موبايلي موريتانيا موقع همراه پاکستان ڀارت " +
		"कॉम नेट भारत भारतम् भारोत संगठन বাংলা ভারত ভাৰত ਭਾਰਤ " +
		"ભારત ଭାରତ இந்தியா இலங்கை சிங்கப்பூர் భారత్ ಭಾರತ ഭാരതം " +
		"ලංකා คอม ไทย ລາວ გე みんな クラウド グーグル コム ストア セール ファッション ポイント " +
		"世界 中信 中国 中國 中文网 企业 佛山 信息 健康 八卦 公司 公益 台湾 台灣 商城 商店 商标 嘉里 嘉里大酒店 " +
		"在线 大众汽车 大拿 天主教 娱乐 家電 工行 广东 微博 慈善 我爱你 手机 手表 招聘 政务 政府 新加坡 新闻 时尚 " +
		"書籍 机构 淡马锡 游戏 澳門 点看 珠宝 移动 组织机构 网址 网店 网站 网络 联通 诺基亚 谷歌 购物 通販 集团 " +
		"電訊盈科 飞利浦 食品 餐厅 香格里拉 香港 닷넷 닷컴 삼성 한국 ")

// otherTopLevel is the length of the longest such domain that s begins with, 0 for none.
func otherTopLevel(s string) int {
	n := 0
	for _, d := range otherDomains {
		if len(d) > n && strings.HasPrefix(s, d) {
			n = len(d)
		}
	}
	return n
}

// maxLabel is the length of the longest label of a host, in the ASCII that is sent for it.
const maxLabel = 63

// hostLabel reports whether s, which has no signs at its edges, may be a label of a host.
func hostLabel(s string) bool {
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] < 0x80
	}
	if ascii {
		return len(s) <= maxLabel
	}
	if len(s) >= 4 && strings.EqualFold(s[:4], "xn--") || len(s) > 4*maxLabel {
		return false
	}
	sent, err := idna.Punycode.ToASCII(s)
	return err == nil && len(sent) <= maxLabel
}
