package awsconfig

import "testing"

// Whatever mistake an edit makes: what reads otherwise than it was asked for is not written.
func TestProof(t *testing.T) {
	const before = "[profile a]\nregion = x\ns3 =\n  b = c\n[profile gone]\nregion = y\n"
	const good = "[profile a]\nregion = z\ns3 =\n  b = c\n[profile new]\nregion = z\n"
	tests := []struct {
		name, after string
		want        bool
	}{
		{"as asked for", good, true},
		{"a section that nobody asked for", good + "[profile b]\n", false},
		{"not removed", good + "[profile gone]\nregion = y\n", false},
		{"another one lost", "[profile new]\nregion = z\n", false},
		{"another setting lost", "[profile a]\nregion = z\n[profile new]\nregion = z\n", false},
		{"another setting more", "[profile a]\nregion = z\nrole_arn = r\ns3 =\n  b = c\n[profile new]\nregion = z\n", false},
		{"another value", "[profile a]\nregion = z\ns3 =\n  b = d\n[profile new]\nregion = z\n", false},
		{"not set", "[profile a]\nregion = x\ns3 =\n  b = c\n[profile new]\nregion = z\n", false},
		{"not made", "[profile a]\nregion = z\ns3 =\n  b = c\n", false},
		{"made without it", "[profile a]\nregion = z\ns3 =\n  b = c\n[profile new]\n", false},
		{"made with more", good + "role_arn = r\n", false},
		{"what was asked for goes on", good + "  more\n", false},
	}
	for _, tt := range tests {
		d := draft(t, before)
		region := []Pair{{"region", "z"}}
		d.wanted = map[sectionID][]Pair{{kindProfile, "a"}: region, {kindProfile, "new"}: region, {kindProfile, "gone"}: nil}
		after, err := parse("config", tt.after, configFile)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.holds(after); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// The proof is asked before anything is written.
func TestUnprovenTextIsNoText(t *testing.T) {
	d := draft(t, "[profile a]\nregion = x\n")
	set(t, d, "a", Pair{"region", "y"})
	d.rows = append(d.rows, row{"[profile b]\n", added})
	if text, err := d.Text(); err == nil {
		t.Errorf("%q", text)
	}
}
