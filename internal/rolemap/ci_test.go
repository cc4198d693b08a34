package rolemap

import "testing"

// On CI every job runs as the account "runner": all sessions of CloudTrail had one name.
func TestOnCIASessionIsCalledAfterItsRun(t *testing.T) {
	const role = "version: 1\nenvironments:\n  qa:\n    dirs: [qa]\n    role_arn: arn:aws:iam::222222222222:role/qa\n"
	for _, tt := range []struct {
		text  string
		known map[string]string
		want  string
	}{
		{role, map[string]string{"user": "runner", "actor": "octocat", "repo": "infra", "run_id": "4711"}, "octocat-infra-4711"},
		{role, map[string]string{"user": "runner", "repo": "infra", "run_id": "run-CZcmD7eagjhyX0vN"}, "infra-run-CZcmD7eagjhyX0vN"},
		{role, map[string]string{"user": "alice", "actor": "octocat", "repo": "infra"}, "alice-qa"},
		{role, map[string]string{"user": "runner", "actor": "evil name\n", "repo": "infra", "run_id": "1"}, "evil-name--infra-1"},
		{role + "    session_name: \"mine-{env}\"\n", map[string]string{"run_id": "4711", "repo": "infra"}, "mine-qa"},
	} {
		m, err := Parse("m", []byte(tt.text), nil)
		if err != nil {
			t.Fatal(err)
		}
		g := resolve(t, m, Target{Dir: "qa", Lookup: func(v string) (string, error) { return tt.known[v], nil }})
		if g.SessionName != tt.want || g.Hops[0].SessionName != tt.want {
			t.Errorf("%v: %s", tt.known, g.SessionName)
		}
	}
}
