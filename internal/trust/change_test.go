package trust

import (
	"slices"
	"testing"
)

func TestCompareOne(t *testing.T) {
	tests := []struct {
		story, old, now string
		want            []Change
	}{
		{"the same", `{"a":1}`, `{"a":1}`, nil},
		{"keys in order", `{"b":"1","a":"1"}`, `{"a":"2","b":"2"}`, []Change{{"map", "a", "1", "2"}, {"map", "b", "1", "2"}}},
		{"a key more", `{}`, `{"a":"x"}`, []Change{{"map", "a", "", "x"}}},
		{"a text that is empty", `{"a":"x"}`, `{"a":""}`, []Change{{"map", "a", "x", `""`}}},
		{"a key with an empty text gone", `{"a":""}`, `{}`, []Change{{"map", "a", `""`, ""}}},
		{"nested", `{"t":{"x":"1","y":"2"}}`, `{"t":{"x":"1","y":"3"}}`, []Change{{"map", "t.y", "2", "3"}}},
		{"keys that look nested", `{"t":{"x.y":"1"}}`, `{"t":{"x":{"y":"1"}}}`, []Change{{"map", `t."x.y"`, "1", ""}, {"map", "t.x.y", "", "1"}}},
		{"empty keys", `{"t":{}}`, `{}`, []Change{{"map", "t", "{}", ""}}},
		{"a number for a text", `{"a":1}`, `{"a":"1"}`, []Change{{"map", "a", "1", `"1"`}}},
		{"big numbers", `{"a":9007199254740993}`, `{"a":9007199254740992}`, []Change{{"map", "a", "9007199254740993", "9007199254740992"}}},
		{"no HTML", `{"a":["<"]}`, `{"a":["&"]}`, []Change{{"map", "a", `["<"]`, `["&"]`}}},
		{"lists keep their order", `{"a":["x","y"]}`, `{"a":["y","x"]}`, []Change{{"map", "a", `["x","y"]`, `["y","x"]`}}},
		{"only written differently", `{"a":1,"b":2}`, `{"b":2,"a":1}`, []Change{{"map", "", `{"a":1,"b":2}`, `{"b":2,"a":1}`}}},
		{"a key that comes twice", `{"a":1}`, `{"a":2,"a":1}`, []Change{{"map", "", `{"a":1}`, `{"a":2,"a":1}`}}},
		{"not JSON", `{"a":1}`, `{`, []Change{{"map", "", `{"a":1}`, `{`}}},
		{"two values", `{"a":1}`, `{"a":1}{"a":2}`, []Change{{"map", "", `{"a":1}`, `{"a":1}{"a":2}`}}},
		{"gone", `{"a":"x"}`, ``, []Change{{"map", "a", "x", ""}}},
		{"empty and gone", `{}`, ``, []Change{{"map", "", "{}", ""}}},
	}
	for _, tt := range tests {
		t.Run(tt.story, func(t *testing.T) {
			if got := compareOne("map", tt.old, tt.now); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRemovedEntryWithoutTextIsAChange(t *testing.T) {
	changes, added := compareAll("environment ", map[string]string{"qa": ""}, map[string]string{"new": ""})
	if len(changes) != 1 || changes[0].Where != "environment qa" || !slices.Equal(added, []string{"new"}) {
		t.Errorf("%q, %q", changes, added)
	}
}
