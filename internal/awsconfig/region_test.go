package awsconfig

import (
	"testing"

	"whichrole/internal/paths"
)

func TestRegionOfTheProfileThatIsUsed(t *testing.T) {
	const config = "[default]\nregion = eu-west-1\n[profile corp]\nregion = us-east-1\n[profile bare]\n[profile zone]\nregion = us-east-1a\n[profile hostile]\nregion = a b;c\n"
	tests := []struct {
		name, config, credentials string
		env                       paths.Env
		want                      string
	}{
		{"none named", config, "-", nil, "eu-west-1"},
		{"a named one", config, "-", paths.Env{"AWS_PROFILE": "corp", "AWS_DEFAULT_PROFILE": "zone"}, "us-east-1"},
		{"by the other name", config, "-", paths.Env{"AWS_PROFILE": "", "AWS_DEFAULT_PROFILE": "corp"}, "us-east-1"},
		{"one without", config, "-", paths.Env{"AWS_PROFILE": "bare"}, "eu-west-1"},
		{"one that is not there", config, "-", paths.Env{"AWS_PROFILE": "gone"}, "eu-west-1"},
		{"an availability zone", config, "-", paths.Env{"AWS_PROFILE": "zone"}, ""},
		{"no region at all", config, "-", paths.Env{"AWS_PROFILE": "hostile"}, ""},
		{"in the credentials file", config, "[default]\nregion = eu-west-2\n", nil, "eu-west-2"},
		{"no files", "-", "-", paths.Env{"AWS_PROFILE": "corp"}, ""},
	}
	for _, tt := range tests {
		if got := mustLoad(t, tt.config, tt.credentials).Region(tt.env); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
