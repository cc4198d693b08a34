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

func TestProfileThatCallsWhichrole(t *testing.T) {
	const caller = "credential_process = /usr/bin/whichrole credential-process\n"
	for config, want := range map[string]string{
		"-": "",
		"[default]\nregion = eu-west-1\n[profile corp]\ncredential_process = aws-vault\n": "",
		"[profile corp]\n[profile terraform]\n" + caller + "[profile b]\n" + caller:       "b",
		"[default]\n" + caller: "default",
	} {
		if got := mustLoad(t, config, "-").Caller(); got != want {
			t.Errorf("%s: %q, want %q", config, got, want)
		}
	}
}
