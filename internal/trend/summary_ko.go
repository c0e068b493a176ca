package trend

import (
	"fmt"
	"strings"
	"time"

	"outcry/internal/reaction"
)

// phrase is a clause of a Korean sentence: how it reads where more follows, and at the end.
type phrase struct{ mid, end string }

var symptomsKO = map[string]string{
	"join": "들어갈 수 없다", "audio": "소리가 안 들린다", "video": "화면이 안 나온다", "buffering": "자꾸 끊긴다", "crash": "튕긴다",
	"login": "로그인이 안 된다", "payment": "결제가 안 된다", "delay": "시작이 늦어진다", "quality": "화질이나 음질이 나쁘다",
}

// Names of sources, each with the particle that fits it.
var sourcesKO = map[reaction.Source]string{reaction.X: "X는", reaction.Bluesky: "블루스카이는", reaction.Mastodon: "마스토돈은"}

// korean writes the sentence, after words that say what kind of event it is.
func (v *scene) korean() string {
	var before []string
	switch {
	case v.Simulated:
		before = append(before, "모의 상황입니다.")
	case v.Recorded:
		before = append(before, "기록을 재생한 것입니다.")
	}
	switch v.State {
	case StatePostponed:
		before = append(before, "연기되었습니다.")
	case StateCancelled:
		before = append(before, "취소되었습니다.")
	}
	var parts []phrase
	parts = append(parts, v.planKO()...)
	parts = append(parts, v.peopleKO()...)
	parts = append(parts, v.servicesKO()...)
	parts = append(parts, v.blindKO()...)
	var b strings.Builder
	for i, p := range parts {
		if i < len(parts)-1 {
			b.WriteString(p.mid + ", ")
		} else {
			b.WriteString(p.end + ".")
		}
	}
	if len(parts) == 0 {
		return strings.Join(before, " ")
	}
	return strings.Join(append(before, b.String()), " ")
}

func (v *scene) planKO() []phrase {
	e := v.g.Event
	switch {
	case v.State == StatePostponed || v.State == StateCancelled:
		return nil
	case v.ended() && !e.Endless() && !v.at().Before(e.EndsAt):
		return []phrase{{"예정된 종료 시각이 지났고", "예정된 종료 시각이 지났습니다"}}
	case v.ended():
		return []phrase{{"행사는 끝났고", "행사는 끝났습니다"}}
	case !v.begun():
		at := v.timeKO(e.StartsAt)
		return []phrase{{at + "에 시작할 예정이고", at + "에 시작할 예정입니다"}}
	}
	return nil
}

func (v *scene) latelyKO() string {
	if v.Moving {
		return "최근 5분 동안"
	}
	return v.g.To.UTC().Format("2006년 1월 2일 15:04 UTC") + "까지 5분 동안"
}

// postsKO names the posts of the window; where a source is blind, it says that they are those
// heard.
func (v *scene) postsKO() string {
	if v.missing() {
		return v.latelyKO() + " 수집된 글"
	}
	return v.latelyKO() + " 올라온 글"
}

func (v *scene) peopleKO() []phrase {
	own, n := v.now.own(), v.now.Complaints
	complain := func(s string) phrase {
		return phrase{s + " 장애를 호소하고 있고", s + " 장애를 호소하고 있습니다"}
	}
	switch {
	case len(v.g.Heard) == 0:
		return []phrase{{"아직 수집된 글이 없고", "아직 수집된 글이 없습니다"}}
	case v.heard == 0:
		return nil // blindKO says so
	case own == 0 && v.now.Posts == 0:
		s := v.latelyKO() + " 수집된 글이 "
		return []phrase{{s + "없고", s + "없습니다"}}
	case own == 0:
		s := v.latelyKO() + " 재게시된 글만 "
		return []phrase{{s + "있고", s + "있습니다"}}
	case v.State == StateRecovering:
		return v.fallingKO()
	case v.many:
		s := fmt.Sprintf("%s의 %s", v.postsKO(), percentKO(v.now.share(), "가"))
		if own < smallNumber {
			s = fmt.Sprintf("%s %d건 가운데 %d건이", v.postsKO(), own, n)
		}
		s += " 장애를 호소하고 있"
		and, usual := "고", ""
		if v.looksUp() {
			and = "지만"
		}
		if v.usual != nil && own >= smallNumber {
			usual = fmt.Sprintf("(평소 %s)", percentKO(*v.usual, ""))
		}
		if x := symptomsKO[v.topSymptom()]; x != "" {
			s += "으며" + usual + " '" + x + "'는 내용이 가장 많"
			return []phrase{{s + and, s + "습니다"}}
		}
		return []phrase{{s + and + usual, s + "습니다" + usual}}
	case n == 0:
		s := fmt.Sprintf("%s %s건 가운데 장애를 호소하는 글은 ", v.postsKO(), grouped(own))
		return []phrase{{s + "없고", s + "없습니다"}}
	case n == own:
		return []phrase{complain(fmt.Sprintf("%s %s건이 모두", v.postsKO(), grouped(own)))}
	}
	return []phrase{complain(fmt.Sprintf("%s %s건 가운데 %s건이", v.postsKO(), grouped(own), grouped(n)))}
}

func (v *scene) fallingKO() []phrase {
	s := fmt.Sprintf("장애를 호소하는 글이 5분에 %s건에서 %s건으로 줄었", grouped(v.most.Complaints), grouped(v.now.Complaints))
	if v.now.own() >= smallNumber && v.most.own() >= smallNumber {
		s = fmt.Sprintf("장애를 호소하는 글의 비율이 %s에서 %s 줄었", percentKO(v.most.share(), ""), percentKO(v.now.share(), "로"))
	}
	if !v.Moving {
		s = v.latelyKO() + " " + s
	}
	out := []phrase{{s + "고", s + "습니다"}}
	if r := v.now.Recovery; r >= 2 {
		s := fmt.Sprintf("다시 된다는 글이 %s건 ", grouped(r))
		out = append(out, phrase{s + "있고", s + "있습니다"})
	}
	return out
}

func (v *scene) servicesKO() []phrase {
	var out []phrase
	for _, s := range v.bad[:min(len(v.bad), mostNamed)] {
		x := nameKO(s.Service) + "는 " + v.spanKO(&s)
		if s.State == "down" {
			out = append(out, phrase{x + " 중단된 상태이고", x + " 중단된 상태입니다"})
		} else {
			out = append(out, phrase{x + " 일부만 작동하고", x + " 일부만 작동합니다"})
		}
	}
	if more := len(v.bad) - mostNamed; more > 0 {
		x := fmt.Sprintf("그 밖의 서비스 %d개도 ", more)
		out = append(out, phrase{x + "마찬가지이고", x + "마찬가지입니다"})
	}
	if len(v.bad) > 0 {
		return out
	}
	for _, s := range v.mended[:min(len(v.mended), mostNamed)] {
		x := nameKO(s.Service) + "는 " + v.spanKO(&s) + " 다시 정상"
		out = append(out, phrase{x + "이고", x + "입니다"})
	}
	switch up := v.up; {
	case len(v.mended) > 0 || len(up) == 0:
	case v.looksUp() && len(up) == 1:
		x := nameKO(up[0].Service) + "는 측정상 정상으로 보"
		out = append(out, phrase{x + "이고", x + "입니다"})
	case v.looksUp():
		x := "서비스들은 측정상 정상으로 보"
		out = append(out, phrase{x + "이고", x + "입니다"})
	case len(up) > 1 && len(v.lost) == 0:
		out = append(out, phrase{"서비스들은 정상이고", "서비스들은 정상입니다"})
	default:
		x := nameKO(up[0].Service) + "는 정상"
		out = append(out, phrase{x + "이고", x + "입니다"})
	}
	switch n := len(v.lost); {
	case n == 1:
		x := nameKO(v.lost[0].Service) + "의 상태는 알 수 없"
		out = append(out, phrase{x + "고", x + "습니다"})
	case n > 1 && len(v.up) == 0:
		out = append(out, phrase{"서비스들의 상태는 알 수 없고", "서비스들의 상태는 알 수 없습니다"})
	case n > 1:
		x := fmt.Sprintf("다른 서비스 %d개의 상태는 알 수 없", n)
		out = append(out, phrase{x + "고", x + "습니다"})
	}
	return out
}

func (v *scene) blindKO() []phrase {
	gone := func(s string) phrase {
		return phrase{s + " 수집되지 않고 있으며", s + " 수집되지 않고 있습니다"}
	}
	if v.heard == 0 && len(v.Blind) > 0 {
		since := v.lastHeard()
		switch why := v.commonWhy(); {
		case since.IsZero() && why == reaction.CoverageCapped:
			return []phrase{leftOutKO("글은 처음부터")}
		case since.IsZero():
			return []phrase{{"아직 수집된 글이 없고", "아직 수집된 글이 없습니다"}}
		case why == reaction.CoverageCapped:
			return []phrase{leftOutKO("글은 " + v.timeKO(since) + "부터")}
		case why == reaction.CoverageLate:
			return []phrase{behindKO("글은 " + v.timeKO(since) + " 이후")}
		}
		return []phrase{gone(v.timeKO(since) + "부터 글이")}
	}
	var out []phrase
	for _, b := range v.Blind[:min(len(v.Blind), mostNamed)] {
		name := sourcesKO[b.Source]
		if name == "" {
			name = string(b.Source) + " 쪽 글은"
		}
		since := " 처음부터"
		if b.Since != nil {
			since = " " + v.timeKO(*b.Since) + "부터"
		}
		switch {
		case b.Partly && b.Why == reaction.CoverageCapped:
			out = append(out, leftOutKO(name+since+" 일부가"))
		case b.Partly:
			x := name + since + " 일부만 수집되고 "
			out = append(out, phrase{x + "있으며", x + "있습니다"})
		case b.Why == reaction.CoverageCapped:
			out = append(out, leftOutKO(name+since))
		case b.Since == nil:
			out = append(out, gone(name+" 아직"))
		case b.Why == reaction.CoverageLate:
			out = append(out, behindKO(name+" "+v.timeKO(*b.Since)+" 이후"))
		default:
			out = append(out, gone(name+since))
		}
	}
	if more := len(v.Blind) - mostNamed; more > 0 {
		x := fmt.Sprintf("그 밖의 출처 %d곳도 ", more)
		out = append(out, phrase{x + "마찬가지이고", x + "마찬가지입니다"})
	}
	return out
}

func leftOutKO(s string) phrase {
	s += " 비용 한도 때문에 수집에서 "
	return phrase{s + "제외되고 있으며", s + "제외되고 있습니다"}
}

func behindKO(s string) phrase {
	s += " 올라온 것이 늦게 수집되고 "
	return phrase{s + "있으며", s + "있습니다"}
}

func (v *scene) timeKO(t time.Time) string {
	t = t.UTC()
	if at := v.at().UTC(); t.YearDay() == at.YearDay() && t.Year() == at.Year() {
		return t.Format("15:04 UTC")
	}
	return t.Format("2006년 1월 2일 15:04 UTC")
}

func (v *scene) spanKO(s *ServiceState) string {
	d := v.g.serviceTime().Sub(*s.Since)
	switch h, m := int(d/time.Hour), int(d%time.Hour/time.Minute); {
	case s.further:
		return fmt.Sprintf("%d시간 넘게", SummaryServices/time.Hour)
	case d < time.Minute:
		return "방금부터"
	case h == 0:
		return fmt.Sprintf("%d분째", m)
	case m == 0:
		return fmt.Sprintf("%d시간째", h)
	default:
		return fmt.Sprintf("%d시간 %d분째", h, m)
	}
}

// nameKO is a service's name with a word behind it whose particles are known.
func nameKO(s string) string {
	s = nameText(s)
	if strings.HasSuffix(s, "서비스") {
		return s
	}
	return s + " 서비스"
}

// percentKO writes a share as percent does, with a particle: 가 or 로, which depend on the word
// before them.
func percentKO(x float64, particle string) string {
	after := map[string]string{"가": "이", "로": "으로"}[particle]
	switch p := percent(x); p {
	case lessThanOne:
		return "1% 미만" + after
	case almostAll:
		return "99% 이상" + after
	default:
		return p + particle
	}
}
