package rolemap

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("whichrole.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("whichrole.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate turns YAML into what an editor judges.
func validate(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

func TestSchemaTakesEveryGoodMap(t *testing.T) {
	s := compiledSchema(t)
	good := []string{full, fullMap("policy"), fullMap("dirs"), live, twoWorkspaces, "version: 1\nimport: terrateam\n", one(qaRole, "duration: 3600", "region: us-gov-west-1"),
		one(qaRole, `account: "{account_id}"`, `region: "{region}"`)}
	for _, story := range roleMaps(t) {
		if _, err := Parse("m", []byte(story.Map), nil); err == nil {
			good = append(good, story.Map)
		}
	}
	if len(good) < 12 {
		t.Fatalf("only %d good maps", len(good))
	}
	for _, text := range good {
		if err := validate(t, s, text); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
}

func TestSchemaRefusesWhatAnEditorCanSee(t *testing.T) {
	s := compiledSchema(t)
	for name, text := range map[string]string{
		"unknown key":      one(qaRole, "sts_endpoint: x"),
		"unknown top key":  one(qaRole) + "accunts: {}\n",
		"unquoted account": one(qaRole) + "accounts: {a: 123456789012}\n",
		"two sources":      "version: 1\nsource: [{profile: a, sso: b}]\nenvironments: {}\n",
		"no ARN":           one("role_arn: terraform"),
		"apply is missing": one("role_arn: {plan: arn:aws:iam::222222222222:role/qa}"),
		"both":             one(qaRole, "permission_set: x"),
		"dirs in defaults": "version: 1\ndefaults: {dirs: [a]}\nenvironments: {}\n",
		"no version":       "environments: {}\n",
		"a name for dirs":  "version: 1\nenvironments: {a: {dirs: a}}\n",
	} {
		if validate(t, s, text) == nil {
			t.Errorf("%s passes", name)
		}
	}
}

func TestSchemaHasTheKeysOfTheDecoder(t *testing.T) {
	type node struct {
		Title       string          `json:"title"`
		Description string          `json:"description"`
		Ref         string          `json:"$ref"`
		Properties  map[string]node `json:"properties"`
	}
	var s struct {
		node
		Defs map[string]node `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &s); err != nil {
		t.Fatal(err)
	}
	same := func(what string, n node, want []string) {
		got := slices.Sorted(maps.Keys(n.Properties))
		if want = slices.Sorted(slices.Values(want)); !slices.Equal(got, want) {
			t.Errorf("%s: the schema has %v, the decoder %v", what, got, want)
		}
		for key, p := range n.Properties {
			if p.Ref == "" && (p.Title == "" || p.Description == "") {
				t.Errorf("%s.%s has no title or description", what, key)
			}
		}
	}
	same("top", s.node, topKeys)
	same("environment", s.Defs["environment"], environmentKeys())
	same("defaults", s.Properties["defaults"], settingNames())
	same("source", s.Defs["source"], sourceKeys)
}
