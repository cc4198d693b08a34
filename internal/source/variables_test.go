package source

import (
	"slices"
	"testing"

	"whichrole/internal/paths"
)

// exec takes these from its command: what is not listed, the helper there would look for in vain, and what is too much, its
// command would hold without a reason.
func TestVariablesThatASourceStartsFrom(t *testing.T) {
	keys := paths.Env{"AWS_ACCESS_KEY_ID": longID, "AWS_SECRET_ACCESS_KEY": secretKey}
	for name, tt := range map[string]struct {
		env    paths.Env
		config string
		entry  Entry
		want   []string
	}{
		"environment": {keys, "", Entry{Kind: "environment"}, []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}},
		"a profile over the environment": {keys, "[profile a]\nrole_arn = arn:aws:iam::111111111111:role/x\ncredential_source = Environment\n",
			Entry{Kind: "profile", Name: "a"}, []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}},
		"keys of a profile": {keys, "[profile a]\naws_access_key_id = " + longID + "\naws_secret_access_key = " + secretKey + "\n", Entry{Kind: "profile", Name: "a"}, nil},
		"a container": {paths.Env{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/x"}, "", Entry{Kind: "instance"},
			[]string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"}},
	} {
		p := at(t, tt.env, tt.config, "")
		c, _, err := p.choose(t, []Entry{tt.entry})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := c.Variables(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
