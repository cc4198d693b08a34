package rolemap

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// full uses every key there is. The names of changes below are checked against the decoder's own lists.
const full = `version: 1
source:
  - {oidc: github, audience: aud}
  - {sso: corp, account: "555555555555", permission_set: Start}
  - profile: corp
  - sso: corp
  - web_identity: true
defaults:
  account: "111111111111"
  via: ["arn:aws:iam::999999999999:role/dhub"]
  source: [{profile: d1}, {sso: d2}]
  region: us-east-1
  duration: 20m
  session_name: dname
  external_id: dexternal
  source_identity: didentity
  session_tags: {dtag: dvalue, dother: v}
  transitive_tags: [dtag]
  policy: '{"d": 1}'
  policy_arns: ["arn:aws:iam::aws:policy/D"]
environments:
  inherits:
    dirs: [inherits, "also/{team}"]
    workspaces: [red, "b*"]
    role_arn: arn:aws:iam::111111111111:role/inherits
  own:
    dirs: ["own/{account}"]
    role_arn:
      plan: arn:aws:iam::222222222222:role/oplan
      apply: arn:aws:iam::222222222222:role/oapply
      state: arn:aws:iam::222222222222:role/ostate
    account: "222222222222"
    via: ["arn:aws:iam::999999999999:role/h1", "arn:aws:iam::999999999999:role/h2"]
    source: [{profile: p1}, {environment: true}, {instance: true}]
    region: eu-west-1
    duration: 45m
    session_name: oname
    external_id: oexternal
    source_identity: oidentity
    session_tags: {otag: ovalue, oother: v}
    transitive_tags: [otag]
    policy: policies/ro.json
    policy_arns: ["arn:aws:iam::aws:policy/O1", "arn:aws:iam::aws:policy/O2"]
  people:
    dirs: [people]
    permission_set: {plan: ReadOnly, apply: Admin, state: StateOnly}
    account: "333333333333"
    via: []
    policy_arns: []
accounts:
  payments: "333333333333"
  data: "444444444444"
no_role: [modules, shared]
`

// changes are one for each key, and more where a key has parts. "people" cannot inherit defaults.policy, so the full map's
// defaults have it replaced there: see fullMap.
var changes = map[string][]struct{ from, to string }{
	"version":                  nil, // only one version is known
	"import":                   {{"version: 1\n", "version: 1\nimport: terrateam\n"}},
	"source":                   {{"{oidc: github, audience: aud}", "{oidc: github}"}, {"audience: aud", "audience: aux"}, {"oidc: github, audience", "oidc: buildkite, audience"}, {"555555555555", "666666666666"}, {"Start", "Stop"}, {"  - profile: corp\n", ""}, {"  - profile: corp\n", "  - profile: acme\n"}, {"  - profile: corp\n  - sso: corp\n", "  - sso: corp\n  - profile: corp\n"}, {"web_identity", "environment"}},
	"accounts":                 {{"payments: \"", "payment: \""}, {"444444444444", "454545454545"}, {"  data: \"444444444444\"\n", ""}},
	"no_role":                  {{"[modules, shared]", "[modules]"}, {"[modules, shared]", "[modules, share]"}, {"no_role: [modules, shared]\n", ""}},
	"environments":             {{"  people:\n", "  person:\n"}},
	"dirs":                     {{"[inherits, ", "[inherit, "}, {"inherits, \"also/{team}\"", "inherits"}, {"also/{team}", "also/{tram}"}},
	"workspaces":               {{"[red, ", "[rot, "}, {"    workspaces: [red, \"b*\"]\n", ""}},
	"role_arn":                 {{"role/inherits", "role/inherit"}, {"role/oplan", "role/oplan2"}, {"role/oapply", "role/oapply2"}, {"role/ostate", "role/ostate2"}, {"      state: arn:aws:iam::222222222222:role/ostate\n", ""}, {"      plan: arn:aws:iam::222222222222:role/oplan\n", ""}},
	"permission_set":           {{"ReadOnly", "WriteOnly"}, {"Admin", "Root"}, {", state: StateOnly", ""}},
	"account":                  {{"account: \"333333333333\"\n    via", "account: \"343434343434\"\n    via"}, {"    account: \"222222222222\"\n", "    account: \"{account_id}\"\n"}},
	"via":                      {{"role/h1", "role/h3"}, {"role/h1\", \"arn:aws:iam::999999999999:role/h2", "role/h2\", \"arn:aws:iam::999999999999:role/h1"}, {"[\"arn:aws:iam::999999999999:role/h1\", ", "["}},
	"region":                   {{"eu-west-1", "eu-west-2"}, {"    region: eu-west-1\n", ""}},
	"duration":                 {{"45m", "46m"}},
	"session_name":             {{"oname", "oname2"}},
	"external_id":              {{"oexternal", "oexternal2"}},
	"source_identity":          {{"oidentity", "oidentity2"}},
	"session_tags":             {{"otag: ovalue", "otag: ovalue2"}, {", oother: v", ""}, {"oother: v", "oother2: v"}},
	"transitive_tags":          {{"[otag]", "[oother]"}, {"[otag]", "[otag, oother]"}, {"[otag]", "[]"}},
	"policy":                   {{"policies/ro.json", "policies/rw.json"}, {"policies/ro.json", "'{}'"}},
	"policy_arns":              {{"policy/O1", "policy/O3"}, {", \"arn:aws:iam::aws:policy/O2\"", ""}},
	"own source":               {{"{profile: p1}", "{profile: p2}"}, {", {instance: true}", ""}},
	"defaults":                 {{"  region: us-east-1\n", ""}},
	"defaults.account":         {{"  account: \"111111111111\"\n  via", "  via"}},
	"defaults.via":             {{"role/dhub", "role/dhub2"}},
	"defaults.source":          {{"profile: d1", "profile: d3"}},
	"defaults.region":          {{"us-east-1", "us-east-2"}},
	"defaults.duration":        {{"20m", "21m"}},
	"defaults.session_name":    {{"dname", "dname2"}},
	"defaults.external_id":     {{"dexternal", "dexternal2"}},
	"defaults.source_identity": {{"didentity", "didentity2"}},
	"defaults.session_tags":    {{"dvalue", "dvalue2"}},
	"defaults.transitive_tags": {{"[dtag]", "[dother]"}},
	"defaults.policy":          {{`{"d": 1}`, `{"d": 2}`}},
	"defaults.policy_arns":     {{"policy/D", "policy/E"}},
}

// fullMap: a policy of the defaults cannot apply to a permission set, which the full map has as well; it is tried without.
func fullMap(key string) string {
	if key == "defaults.policy" || key == "policy" {
		return full[:strings.Index(full, "  people:")] + full[strings.Index(full, "accounts:\n"):]
	}
	return strings.Replace(full, "  policy: '{\"d\": 1}'\n", "", 1)
}

func TestEveryChangeOfMeaningChangesMeaning(t *testing.T) {
	for key, list := range changes {
		base := fullMap(key)
		before := parse(t, base).Meaning()
		for _, c := range list {
			changed := strings.Replace(base, c.from, c.to, 1)
			if changed == base {
				t.Errorf("%s: %q is not in the map", key, c.from)
				continue
			}
			if reflect.DeepEqual(parse(t, changed).Meaning(), before) {
				t.Errorf("%s: %q → %q means the same", key, c.from, c.to)
			}
		}
	}
}

func TestEveryKeyHasAChange(t *testing.T) {
	keys := slices.Concat(topKeys, environmentKeys())
	for _, k := range settingNames() {
		keys = append(keys, "defaults."+k)
	}
	for _, k := range keys {
		if list, ok := changes[k]; !ok || len(list) == 0 && k != "version" {
			t.Errorf("no change is tried for %s", k)
		}
	}
}

// A policy file with other bytes is another meaning, even where STS would be sent the same text.
func TestBytesOfAPolicyFileAreMeaning(t *testing.T) {
	meaning := func(content string) Meaning {
		m, err := Parse("m", []byte(one(qaRole, "policy: p.json")), func(string) ([]byte, error) { return []byte(content), nil })
		if err != nil {
			t.Fatal(err)
		}
		return m.Meaning()
	}
	if reflect.DeepEqual(meaning(`{"a":1}`), meaning(`{"a": 1}`)) {
		t.Error("the same")
	}
}

// The same map in another hand: order of keys, comments, quotes, flow style, anchors, seconds for hours.
func TestAnotherWayToWriteItIsTheSameMeaning(t *testing.T) {
	a := parse(t, `version: 1
source: [{profile: corp}]
defaults: {duration: 1h, session_tags: {a: x, b: "y"}, region: eu-west-1}
environments:
  qa:
    dirs: [qa, "test/**"]
    workspaces: [one, two]
    role_arn: arn:aws:iam::222222222222:role/qa
    policy: '{"Statement": [ ]}'
  live:
    dirs: [live]
    region: eu-west-1
    role_arn: {plan: arn:aws:iam::333333333333:role/x, apply: arn:aws:iam::333333333333:role/x}
accounts: {p: "333333333333", d: "444444444444"}
no_role: [modules, shared]
`)
	b := parse(t, `# reviewed by the platform team
no_role:
  - 'shared'   # code
  - modules
accounts:
  d: '444444444444'
  "p": "333333333333"
environments:
  "live": # production
    role_arn: {apply: "arn:aws:iam::333333333333:role/x"}
    dirs: &live [live]
  qa:
    policy: |
      { "Statement":
          [] }
    role_arn:
      apply: 'arn:aws:iam::222222222222:role/qa'
    workspaces:
      - two
      - one
    dirs: ['test/**', qa, qa]
defaults:
  region: !!str eu-west-1
  session_tags:
    b: y
    a: "x"
  duration: 3600
source:

  - profile: "corp"
version: "1"
`)
	if x, y := a.Meaning(), b.Meaning(); !reflect.DeepEqual(x, y) {
		t.Errorf("\n%+v\n%+v", x, y)
	}
}

// notMeaning are the fields that hold what is compiled from a key, or where it stands. Whoever adds one says so here.
var notMeaning = map[string]bool{
	"environment.name": true, // the key of Meaning.Environments
	"environment.line": true, "environment.at": true, "environment.own": true, "environment.patterns": true, "environment.names": true, "environment.captures": true,
	"Source.Line": true,
}

// A key that is decoded but left out of the meaning could be changed without anybody being asked.
func TestNoDecodedFieldIsLeftOutOfTheMeaning(t *testing.T) {
	for _, zero := range []any{environment{}, settings{}, roles{}, sessionTag{}, policy{}, Source{}} {
		typ := reflect.TypeOf(zero)
		for i := range typ.NumField() {
			f := typ.Field(i)
			if notMeaning[typ.Name()+"."+f.Name] || f.Anonymous {
				continue
			}
			v := reflect.New(typ).Elem()
			if !f.IsExported() {
				t.Errorf("%s.%s is not exported, so encoding/json leaves it out", typ.Name(), f.Name)
				continue
			}
			v.Field(i).Set(something(t, f.Type))
			if encode(t, v.Interface()) == encode(t, zero) {
				t.Errorf("%s.%s does not show in the meaning", typ.Name(), f.Name)
			}
		}
	}
}

func encode(t *testing.T, v any) string {
	t.Helper()
	if e, ok := v.(environment); ok {
		var c meant
		c.is(&e, nil)
		v = c
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// something is a value of that type which is not zero.
func something(t *testing.T, typ reflect.Type) reflect.Value {
	t.Helper()
	switch typ {
	case reflect.TypeFor[template]():
		return reflect.ValueOf(template{text: "x"})
	case reflect.TypeFor[roles]():
		return reflect.ValueOf(roles{Apply: template{text: "x"}})
	case reflect.TypeFor[policy]():
		return reflect.ValueOf(policy{Text: "{}"})
	case reflect.TypeFor[span]():
		return reflect.ValueOf(span(time.Hour))
	}
	switch typ.Kind() {
	case reflect.String:
		return reflect.ValueOf("x").Convert(typ)
	case reflect.Slice:
		return reflect.Append(reflect.MakeSlice(typ, 0, 1), reflect.Zero(typ.Elem()))
	}
	t.Fatalf("no value of %s is known here", typ)
	return reflect.Value{}
}

// Without accounts a directory may name any account; with an empty list, none.
func TestNoAccountsAndAnEmptyListDiffer(t *testing.T) {
	if reflect.DeepEqual(parse(t, one(qaRole)).Meaning(), parse(t, one(qaRole)+"accounts: {}\n").Meaning()) {
		t.Error("the same")
	}
}

// withDefaults is a map of one environment that inherits, or has lines of its own.
func withDefaults(defaults string, own ...string) string {
	return "version: 1\ndefaults: {" + defaults + "}\n" + strings.TrimPrefix(one(append(own, qaRole)...), "version: 1\n")
}

// longDefaults are values that are not repeated in every environment, by their keys.
var longDefaults = map[string]string{
	"via":             "['arn:aws:iam::222222222222:role/" + strings.Repeat("p/", 150) + "x']",
	"source":          "[{profile: " + strings.Repeat("p", 250) + "x}]",
	"session_name":    strings.Repeat("s", 300) + "x",
	"external_id":     strings.Repeat("e", 300) + "x",
	"source_identity": strings.Repeat("i", 300) + "x",
	"session_tags":    "{a: " + strings.Repeat("v", 250) + "x}",
	"policy":          "'{\"a\": \"" + strings.Repeat("p", 300) + "x\"}'",
	"policy_arns":     "['arn:aws:iam::aws:policy/" + strings.Repeat("p/", 150) + "x']",
}

// A long default is there once, and yet every change of it, and every way to replace it, is another meaning of the environment.
func TestLongDefaultsAreMeaningWithoutBeingRepeated(t *testing.T) {
	for key, value := range longDefaults {
		t.Run(key, func(t *testing.T) {
			mean := func(text string) Meaning { return parse(t, text).Meaning() }
			inherited := mean(withDefaults(key + ": " + value))
			qa := inherited.Environments["qa"]
			if len(qa) > 300 || !strings.Contains(qa, `"as_defaults_sha256":{"`+key+`":"`) {
				t.Errorf("%d bytes: %s", len(qa), qa)
			}
			if !strings.Contains(inherited.Rest, `"`+key+`":`) || len(inherited.Rest) < 300 {
				t.Errorf("the defaults do not stand in full: %s", inherited.Rest)
			}
			if again := mean(withDefaults(key+": "+value, key+": "+value)); !reflect.DeepEqual(again, inherited) {
				t.Errorf("written again, it is another meaning:\n%+v\n%+v", again, inherited)
			}
			other := strings.Replace(value, "x", "y", 1)
			if changed := mean(withDefaults(key + ": " + other)); changed.Environments["qa"] == qa || changed.Rest == inherited.Rest {
				t.Error("another default is the same meaning")
			}
			if own := mean(withDefaults(key+": "+value, key+": "+other)); own.Environments["qa"] == qa || own.Rest != inherited.Rest {
				t.Error("a value of its own is the same meaning")
			}
			if without := mean(withDefaults("region: eu-west-1")); without.Environments["qa"] == qa {
				t.Error("no default is the same meaning")
			}
		})
	}
	for _, key := range []string{"via", "policy_arns"} {
		inherited, emptied := withDefaults(key+": "+longDefaults[key]), withDefaults(key+": "+longDefaults[key], key+": []")
		if parse(t, inherited).Meaning().Environments["qa"] == parse(t, emptied).Meaning().Environments["qa"] {
			t.Errorf("%s: [] is the same meaning", key)
		}
	}
}

// Who is approved with a long default must not get away with writing down what stands in the meaning for it.
func TestDigestWrittenAsAValueIsAnotherMeaning(t *testing.T) {
	text := withDefaults("session_name: " + longDefaults["session_name"])
	inherited := parse(t, text).Meaning().Environments["qa"]
	var m struct {
		AsDefaults map[string]string `json:"as_defaults_sha256"`
	}
	if err := json.Unmarshal([]byte(inherited), &m); err != nil || len(m.AsDefaults["session_name"]) != 64 {
		t.Fatalf("%v: %s", err, inherited)
	}
	for _, forged := range []string{m.AsDefaults["session_name"], "sha256:" + m.AsDefaults["session_name"]} {
		own := strings.Replace(text, "    role_arn", "    session_name: "+forged+"\n    role_arn", 1)
		if got := parse(t, own).Meaning().Environments["qa"]; got == inherited || own == text {
			t.Error("the same: " + got)
		}
	}
}

// A policy file that is long is meant by its digest in each of thousands of environments.
func TestLongPolicyFileIsNotRepeated(t *testing.T) {
	mean := func(content string) string {
		m, err := Parse("m", []byte(one(qaRole, "policy: p.json")), func(string) ([]byte, error) { return []byte(content), nil })
		if err != nil {
			t.Fatal(err)
		}
		return m.Meaning().Environments["qa"]
	}
	short, long := `{"a":"`+strings.Repeat("x", 500)+`"}`, `{"a":"`+strings.Repeat("x", 1500)+`"}`
	if !strings.Contains(mean(short), strings.Repeat("x", 500)) {
		t.Error("what people can read is not there")
	}
	if text := mean(long); len(text) > 400 || text == mean(strings.Replace(long, "x", "y", 1)) {
		t.Errorf("%d bytes", len(text))
	}
}
