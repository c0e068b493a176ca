package chart

import (
	"fmt"
	"strings"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

var korean = words{
	lang: "ko",
	day:  "2006년 1월 2일", dayShort: "2006년 1월 2일", monthDay: "1월 2일", month: "1월", year: "2006년",

	oneDay: func(day, from, to, zone string) string { return day + " " + from + "~" + to + ", " + zone },
	days: func(day1, from, day2, to, zone string) string {
		return day1 + " " + from + " ~ " + day2 + " " + to + ", " + zone
	},
	moment: func(day, clock string) string { return day + " " + clock },
	zones:  map[string]string{"UTC": "협정 세계시", "Asia/Seoul": "한국 시간"},
	zone: func(called, short, name string) string {
		switch {
		case called != "":
			return called + "(" + short + ")"
		case name != "":
			return short + "(" + name + ")"
		}
		return short
	},
	timesIn: func(zone string) string { return zone + " 기준" },
	per: func(n int, unit time.Duration) string {
		switch {
		case n == 1 && unit == 24*time.Hour:
			return "하루"
		case n == 1 && unit == time.Minute:
			return "분당"
		case n == 1 && unit == time.Hour:
			return "시간당"
		}
		return fmt.Sprintf("%d%s당", n, unitNameKO(unit))
	},
	steps: func(n int, unit time.Duration) string { return fmt.Sprintf("%d%s 단위", n, unitNameKO(unit)) },

	series: map[trend.Name]string{
		trend.Posts: "게시물", trend.Complaints: "불만", trend.ComplaintShare: "불만 비율",
		trend.FirstHand: "직접 겪은 불만", trend.Recovery: "복구됐다는 게시물", trend.Reposts: "재게시",
		trend.Authors: "작성자", trend.Health: "서비스 상태", trend.Latency: "응답 시간",
		trend.Audience: "접속자 수", namedState: "상태",
	},
	of: func(series, service string) string { return service + " " + series },
	symptoms: map[string]string{
		"join": "접속 불가", "audio": "소리 안 남", "video": "화면 안 나옴", "buffering": "버퍼링", "crash": "강제 종료",
		"login": "로그인 오류", "payment": "결제 오류", "delay": "지연", "quality": "품질 저하",
	},
	symptom: func(symptom string) string { return symptom + " 불만" },
	counted: func(source string) string { return source + " 자체 집계 게시물" },
	means: map[trend.Name]string{
		trend.Posts:          "행사 관련 공개 게시물 전체(재게시 포함)",
		trend.Complaints:     "장애 신고로 분류된 게시물(재게시 제외)",
		trend.ComplaintShare: "재게시를 뺀 게시물 중 불만의 비율",
		trend.FirstHand:      "작성자 본인이 겪은 장애",
		trend.Recovery:       "재게시 제외",
		trend.Reposts:        "다른 글을 그대로 옮긴 것",
		trend.Authors:        "중복 없는 추정치(오차 약 1%)",
		trend.Health:         "구간별 최악의 상태",
		trend.Latency:        "구간별 최댓값",
		trend.Audience:       "서비스가 마지막으로 밝힌 수",
		"tag":                "해당 태그를 단 게시물",
		"symptom":            "재게시 제외",
		"counts":             "수집 여부와 관계없이 해당 플랫폼이 직접 센 수",
	},
	drawnOf: "10건 이상일 때만 표시",
	sources: map[reaction.Source]string{reaction.X: "X", reaction.Bluesky: "블루스카이", reaction.Mastodon: "마스토돈"},
	states:  [4]string{"정상", "불안정", "중단", "확인 불가"},
	statuses: map[string]string{
		"scheduled": "예정", "live": "시작", "postponed": "연기", "cancelled": "취소", "ended": "종료",
	},

	list: func(words []string) string { return strings.Join(words, "·") },
	subtitle: func(counts, rest []string, per, steps string) string {
		if len(counts) == 0 {
			return strings.Join(rest, "·") + "(" + steps + ")"
		}
		text := per + " " + strings.Join(counts, "·") + " 수"
		if len(rest) > 0 {
			text += "와 " + strings.Join(rest, "·")
		}
		return text
	},
	captions: map[string]string{unitShare: "게시물 중 비율", unitMillis: "밀리초", unitPeople: "명", unitCounted: "플랫폼 집계 게시물(건)"},
	postsPer: func(per string) string { return per + " 게시물(건)" },
	amount: func(number, unit string) string {
		switch unit {
		case unitPosts, unitCounted:
			return number + "건"
		case unitPeople:
			return number + "명"
		case unitMillis:
			return number + "밀리초"
		}
		return number
	},
	under: func(percent string) string { return percent + " 미만" },
	over:  func(percent string) string { return percent + " 초과" },

	left: "(왼쪽)", right: "(오른쪽)", noValue: "확인된 값 없음",
	up: "서비스 정상", degraded: "서비스 불안정", down: "서비스 중단",
	unheard: "확인 불가(수신 안 됨)", unmeasured: "확인 불가(측정 안 됨)", unheardOrMeasured: "확인 불가(수신·측정 안 됨)",
	late: "확인 불가(수신 지연)", capped: "확인 불가(비용 한도로 제외)", filled: "나중에 수집",
	partly: "일부만 수신", open: "집계 중", simulated: "모의 훈련", recorded: "기록 재생",
	nothingHeard:    "확인 불가: 모든 출처를 함께 수신한 때가 없음",
	nothingMeasured: "확인 불가: 측정된 값이 없음",

	plannedStart: "시작 예정", plannedEnd: "종료 예정",
	marked: func(text, when string) string { return text + " " + when },
	peak: func(series string, k peakKind, amount, when string) string {
		if series != "" {
			series += " "
		}
		return series + peakWordKO(k) + " " + amount + "(" + when + firstKO(k) + ")"
	},
	broke: func(service, when string, seen bool) string {
		text := when + "부터 중단"
		if seen {
			text = when + " 중단 확인"
		}
		if service != "" {
			text = service + " " + text
		}
		return text
	},
	more: func(n int) string { return fmt.Sprintf("외 %d개 시점", n) },

	meaning:  func(series, counts string) string { return series + ": " + counts + "." },
	envelope: "한 화소에 여러 구간이 겹치면 선은 최댓값, 음영은 최솟값까지다.",
	represents: func(sources []string) string {
		return "전체 이용자가 아니라 " + strings.Join(sources, "·") + "에 공개로 글을 올린 사람들의 반응이다."
	},
	imagined: "모의 훈련 자료로, 실제 게시물이나 실제 사건이 아니다.",
	authorless: func(n string) string {
		return "작성자 정보가 없는 게시물이 " + n + "건 있어 그 인원은 알 수 없다."
	},
	heard: func(sources []string, together string) string {
		text := "출처(수신 시간 비율): " + strings.Join(sources, ", ")
		if len(sources) > 1 {
			text += ", 동시 수신 " + together
		}
		return text
	},
	allHeard: func(sources []string) string { return "출처(전 구간 수신): " + strings.Join(sources, ", ") },
	heardFor: func(source, share string, besides []string) string {
		if len(besides) > 0 {
			share += "(" + strings.Join(besides, ", ") + ")"
		}
		return source + " " + share
	},
	filledFor:   func(share string) string { return "나중에 수집 " + share },
	lateFor:     func(share string) string { return "수신 지연 " + share },
	cappedFor:   func(share string) string { return "비용 한도로 제외 " + share },
	partlyFor:   func(share string) string { return "일부만 수신 " + share },
	neverHeard:  func(source string) string { return source + " 수신 안 됨" },
	onlySources: func(sources []string) string { return strings.Join(sources, "·") + "만 집계" },
	onlyLangs:   func(langs string) string { return "언어 " + langs + "만 집계" },
	deleted:     func(n string) string { return "이후 삭제 " + n + "건" },
	revised:     func(n string) string { return "늦게 도착 " + n + "건" },
	recordings:  "일부 또는 전부가 기록 재생",
	method:      func(method string) string { return "산출 방식 " + method },
	made:        func(day string) string { return day + " 작성" },

	altSimulated: "모의 훈련 자료로, 실제로 일어난 일이 아니다.", altRecorded: "일부 또는 전부가 기록을 재생한 것이다.",
	altHead:    func(title, subtitle, window string) string { return title + ". " + subtitle + ", " + window + "." },
	altNothing: func(series string) string { return series + ": 확인된 값 없음." },
	altLine: func(series, first string, k peakKind, high, when, last string) string {
		return series + ": 처음 " + first + ", " + peakWordKO(k) + " " + high + "(" + when + firstKO(k) + "), 마지막 " + last + "."
	},
	altFlat: func(series, value string) string { return series + ": 내내 " + value + "." },
	altState: func(service string, shares []string, broke string) string {
		text := service + ": " + strings.Join(shares, ", ")
		if broke != "" {
			text += "; " + broke
		}
		return text + "."
	},
	altShare:   func(state, share string) string { return state + " " + share },
	altMarks:   func(marks []string) string { return "표시된 시점: " + strings.Join(marks, ", ") + "." },
	altUnknown: func(share string) string { return "전체 시간의 " + share + "는 확인 불가." },
	altSources: func(sources string) string { return sources + "." },
	altDeleted: func(n string) string { return "이후 원본이 삭제된 게시물 " + n + "건은 세지 않았다." },
}

func peakWordKO(k peakKind) string {
	switch {
	case k.soFar:
		return "현재까지 최고"
	case k.known:
		return "확인된 최고"
	}
	return "최고"
}

func firstKO(k peakKind) string {
	if k.often {
		return " 처음"
	}
	return ""
}

func unitNameKO(unit time.Duration) string {
	switch unit {
	case 24 * time.Hour:
		return "일"
	case time.Hour:
		return "시간"
	case time.Minute:
		return "분"
	}
	return "초"
}
