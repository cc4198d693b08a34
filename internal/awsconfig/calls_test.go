package awsconfig

import "testing"

// One room took a wrapper for whichrole and another did not: explain found nothing wrong, and the helper's hint led to itself.
func TestCallsWhichrole(t *testing.T) {
	for line, want := range map[string]bool{
		"whichrole credential-process":                       true,
		`"/opt/which role/WhichRole.EXE" credential-process`: true,
		`C:\tools\whichrole.exe credential-process`:          true,
		"env X=1 whichrole credential-process":               true,
		"mise x -- whichrole -e qa credential-process":       true,
		"sh -c 'cd / && exec whichrole credential-process'":  true,
		"whichrole": true,
		"granted credential-process --profile corp": false,
		"aws-vault export whichrole --format=json":  false,
		"credential-process whichrole":              false,
		"":                                          false,
	} {
		if CallsWhichrole(line) != want {
			t.Errorf("%s: %v", line, !want)
		}
	}
}
