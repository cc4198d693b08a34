package creds

import (
	"testing"
	"time"
)

func TestLife(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		left            time.Duration
		lasts, outlasts bool // an hour
	}{
		{-time.Hour, false, false},
		{0, false, false},
		{2 * time.Minute, false, false}, // 60 s of it are the SDKs' own reserve
		{2*time.Minute + time.Second, true, false},
		{time.Hour + 15*time.Minute, true, false}, // by a clock that is off
		{time.Hour + 15*time.Minute + time.Second, true, true},
		{100 * 365 * 24 * time.Hour, true, true},
	} {
		c := Credentials{Expires: now.Add(tt.left)}
		if lasts, outlasts := c.Lasts(now), c.Outlasts(now, time.Hour); lasts != tt.lasts || outlasts != tt.outlasts {
			t.Errorf("%v left: lasts %v, outlasts %v", tt.left, lasts, outlasts)
		}
	}
	if (Credentials{}).Lasts(now) { // an answer without an end, or with the year 1
		t.Error("no end is no life")
	}
}
