package cli

import (
	"strconv"
	"strings"
	"time"

	"whichrole/internal/problem"
)

// sinceWhen is the time that --since means: so long ago, or from a date on in the zone of now.
func sinceWhen(text string, now time.Time) (time.Time, error) {
	if d, ok := ago(text); ok {
		return now.Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime, "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, problem.New(problem.Usage, "--since %s is no time", text).WithHint("whichrole log --since 2h; 3d, 2026-11-22 and 2026-11-22T14:30 do, too")
}

// ago reads what time.ParseDuration does, and days and weeks.
func ago(text string) (time.Duration, bool) {
	d, err := time.ParseDuration(text)
	for unit, length := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if number, found := strings.CutSuffix(text, unit); found {
			var n int
			n, err = strconv.Atoi(number)
			d = time.Duration(min(n, 100_000)) * length // in what a Duration holds
		}
	}
	return d, err == nil && d >= 0
}
