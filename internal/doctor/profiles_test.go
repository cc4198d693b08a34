package doctor

import (
	"path/filepath"
	"strings"
	"testing"
)

// What doctor proposed was refused by setup, and lines that can never give credentials were well.
func TestLinesOfProfiles(t *testing.T) {
	tests := []struct{ name, profile, line, want string }{
		{"of an environment", "terraform-qa", "/gone/whichrole -e qa credential-process", "which is no program | each call of that profile fails | whichrole setup --per-env --profile terraform -C REPOSITORY"},
		{"of an account", "tf-live-data", "/gone/whichrole -e live --set account=data credential-process", "| whichrole setup --per-env --accounts data --profile tf -C REPOSITORY"},
		{"made by hand", "mine", "/gone/whichrole -e qa --operation apply credential-process", "| in ~"},
		{"made by hand, for an environment", "mine", "/gone/whichrole -e qa credential-process", "write the path of whichrole ("},
		{"a blank in quotes", "terraform", `"/opt/my tools/whichrole" credential-process`, "calls /opt/my tools/whichrole in quotes | each SDK reads quotes and blanks in its own way | whichrole setup --profile terraform"},
		{"another command", "terraform", "SELF show", "does not call whichrole credential-process"},
		{"a slip", "terraform", "SELF credential-proces", "does not call whichrole credential-process"},
		{"no command", "terraform", "SELF", "does not call whichrole credential-process"},
		{"flags behind", "terraform", "SELF credential-process -e qa", "ok: called by profile terraform"},
		{"an environment that is not here", "terraform-qu", "SELF -e qu credential-process", "note: profile terraform-qu: an environment that the role map here does not have"},
		{"in a wrapper", "terraform", "env A=b SELF credential-process", "ok: called by profile terraform"},
	}
	for _, tt := range tests {
		m := newMachine(t)
		m.write(".aws/config", "[profile "+tt.profile+"]\ncredential_process = "+strings.ReplaceAll(tt.line, "SELF", filepath.ToSlash(m.self))+"\n")
		if got := of(m.examine(), "profiles"); !strings.Contains(filepath.ToSlash(got), tt.want) {
			t.Errorf("%s: got %swant %s", tt.name, got, tt.want)
		}
	}
}

// What a map says that nobody has approved is nobody's word: it must not tell of a profile that it asks for the wrong thing.
func TestUntrustedMapTellsNothingOfProfiles(t *testing.T) {
	m := newMachine(t)
	delete(m.env, "WHICHROLE_TRUSTED_PATHS")
	m.write(".aws/config", "[profile terraform-qu]\ncredential_process = "+filepath.ToSlash(m.self)+" -e qu credential-process\n")
	if got := of(m.examine(), "profiles"); strings.Contains(got, "does not have") {
		t.Error(got)
	}
}
