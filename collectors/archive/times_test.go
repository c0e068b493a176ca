package archive

import (
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	seoul := time.FixedZone("KST", 9*3600)
	for _, c := range []struct {
		text     string
		zone     *time.Location
		dayFirst bool
		want     string // "" where it cannot be read
	}{
		{"2022-11-20 23:59:21+00:00", nil, false, "2022-11-20T23:59:21Z"},
		{"2022-11-20T23:59:21.1234567Z", nil, false, "2022-11-20T23:59:21.123456Z"},
		{"2022-11-20 23:59:21 UTC", seoul, false, "2022-11-20T23:59:21Z"},
		{"2022-11-20T23:59", seoul, false, "2022-11-20T14:59:00Z"},
		{"2022-11-20T23:59:21,5-0330", nil, false, "2022-11-21T03:29:21.5Z"},
		{"2022-11-20 23:59:21 +09", nil, false, "2022-11-20T14:59:21Z"},
		{"2/24/2015 11:35", nil, false, "2015-02-24T11:35:00Z"},
		{"2/24/2015 11:35", nil, true, ""},
		{"24/2/2015 11:35", nil, true, "2015-02-24T11:35:00Z"},
		{"3/4/2015", nil, false, "2015-03-04T00:00:00Z"},
		{"3/4/2015", nil, true, "2015-04-03T00:00:00Z"},
		{"3/4/15 12:05 AM", nil, false, "2015-03-04T00:05:00Z"},
		{"3/4/15, 1:05:09 pm", nil, false, "2015-03-04T13:05:09Z"},
		{"24.02.2015 9:05", nil, false, "2015-02-24T09:05:00Z"},
		{"2022. 6. 1.", seoul, false, "2022-05-31T15:00:00Z"},
		{"2022/06/01 01:02:03", nil, true, "2022-06-01T01:02:03Z"},
		{"20220601", seoul, false, "2022-05-31T15:00:00Z"},
		{"20220601.0", nil, false, "2022-06-01T00:00:00Z"},
		{"20220601233001", nil, false, "2022-06-01T23:30:01Z"},
		{"1668988761", seoul, false, "2022-11-20T23:59:21Z"},
		{"1668988761.25", nil, false, "2022-11-20T23:59:21.25Z"},
		{"1668988761123", nil, false, "2022-11-20T23:59:21.123Z"},
		{"1668988761123456", nil, false, "2022-11-20T23:59:21.123456Z"},
		{"1668988761123456789", nil, false, "2022-11-20T23:59:21.123456Z"},
		{"1.668988761e+09", nil, false, "2022-11-20T23:59:21Z"},
		{"Wed Oct 10 20:19:24 +0000 2018", seoul, false, "2018-10-10T20:19:24Z"},
		{"Wed, 10 Oct 2018 20:19:24 GMT", seoul, false, "2018-10-10T20:19:24Z"},
		{"Oct 10, 2018 8:19 PM", nil, false, "2018-10-10T20:19:00Z"},
		{"Oct 10, 2018 · 8:19 PM UTC", seoul, false, "2018-10-10T20:19:00Z"},
		{"10-Oct-2018 20:19:24", nil, false, "2018-10-10T20:19:24Z"},

		{"2022-11-20 23:59:21 PST", nil, false, ""},
		{"2022-02-30", nil, false, ""},
		{"2022-13-01", nil, false, ""},
		{"2022-11-20 24:01:00", nil, false, ""},
		{"2022-11-20 23:59:21+99:00", nil, false, ""},
		{"20221301", nil, false, ""},
		{"13:05 PM", nil, false, ""},
		{"1234567", nil, false, ""},
		{"12", nil, false, ""},
		{"yesterday", nil, false, ""},
		{"", nil, false, ""},
	} {
		if c.zone == nil {
			c.zone = time.UTC
		}
		got, ok := (&clock{zone: c.zone, dayFirst: c.dayFirst}).parse(c.text)
		text := ""
		if ok {
			text = got.Format(time.RFC3339Nano)
		}
		if text != c.want {
			t.Errorf("%q, day first %v: got %q, want %q", c.text, c.dayFirst, text, c.want)
		}
	}
	if got, ok := (&clock{zone: seoul, layout: "02|01|2006 15h04"}).parse("03|04|2022 20h30"); !ok || !got.Equal(time.Date(2022, 4, 3, 11, 30, 0, 0, time.UTC)) {
		t.Errorf("a layout of one's own: %v %v", got, ok)
	}
}

func FuzzTimes(f *testing.F) {
	for _, s := range []string{"2022-11-20T23:59:21.5Z", "2/24/15 9:05 PM", "1668988761.2", "20220601", "Oct 10, 2018", "1e12"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := clock{zone: time.UTC}
		got, ok := c.parse(s)
		if !ok {
			return
		}
		if got.Location() != time.UTC || got.Nanosecond()%1000 != 0 {
			t.Fatalf("%q: %v is not in UTC microseconds", s, got)
		}
		if y := got.Year(); y >= 1 && y <= 9999 {
			if again, ok := c.parse(got.Format(time.RFC3339Nano)); !ok || !again.Equal(got) {
				t.Fatalf("%q: %v is read back as %v, %v", s, got, again, ok)
			}
		}
	})
}
