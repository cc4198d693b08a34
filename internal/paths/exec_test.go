package paths

import (
	"maps"
	"testing"
)

func TestBeforeExec(t *testing.T) {
	for name, tt := range map[string]struct{ env, want Env }{
		"outside of exec": {Env{"A": "1"}, Env{"A": "1"}},
		"put back":        {Env{"WHICHROLE_SOURCE_AWS_ACCESS_KEY_ID": "K", "B": "2"}, Env{"WHICHROLE_SOURCE_AWS_ACCESS_KEY_ID": "K", "AWS_ACCESS_KEY_ID": "K", "B": "2"}},
		"over the role's": {Env{"WHICHROLE_SOURCE_X": "mine", "X": "the role's", "WHICHROLE_SOURCE_Y": "y"}, Env{"WHICHROLE_SOURCE_X": "mine", "X": "mine", "WHICHROLE_SOURCE_Y": "y", "Y": "y"}},
		"given by exec":   {Env{"WHICHROLE_SOURCE_X": "", "X": "the role's"}, Env{"WHICHROLE_SOURCE_X": ""}},
		"no name":         {Env{"WHICHROLE_SOURCE_": "1"}, Env{"WHICHROLE_SOURCE_": "1"}},
	} {
		given := maps.Clone(tt.env)
		if got := tt.env.BeforeExec(); !maps.Equal(got, tt.want) || !maps.Equal(tt.env, given) {
			t.Errorf("%s: %v, and of what was given %v", name, got, tt.env)
		}
	}
}
