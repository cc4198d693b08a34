package source

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/awsconfig"
	"whichrole/internal/oidc"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const (
	longID    = "AKIAABCDEFGHIJKLWXYZ"
	otherID   = "AKIAQQQQQQQQQQQQQQQQ"
	tempID    = "ASIAABCDEFGHIJKLWXYZ"
	secretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	sessToken = "IQoJb3JpZ2luX2VjEXAMPLETOKEN//////////=="
	password  = "hunter2hunter2"
)

// place is a home with both AWS files and a world that reads them.
type place struct {
	World
	home   string
	asked  int // how often the AWS files were asked for
	config string
	creds  string
}

func at(t *testing.T, env paths.Env, config, credentials string) *place {
	t.Helper()
	home := t.TempDir()
	p := &place{home: home, config: filepath.Join(home, ".aws", "config"), creds: filepath.Join(home, ".aws", "credentials")}
	if err := os.Mkdir(filepath.Dir(p.config), 0o700); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{p.config: config, p.creds: credentials} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	once := awsconfig.Once(env, home)
	p.World = World{Env: env, Home: home, UserFile: "config.yaml", AWS: func() (*awsconfig.Files, error) {
		p.asked++
		return once()
	}}
	return p
}

// choose is Choose that also sweeps everything that is ever shown for secrets.
func (p *place) choose(t *testing.T, lists ...[]Entry) (*Choice, []Note, error) {
	t.Helper()
	c, notes, err := Choose(p.World, lists...)
	shown := fmt.Sprintf("%v %+v %#v %+v %v", notes, notes, err, err, c)
	if c != nil {
		shown += fmt.Sprintf("%v %+v %#v %v %+v %#v %+v", c.MFA, c.MFA, c.MFA, c.Process, c.Process, c.Process, *c)
		if c.Keys != nil {
			shown += fmt.Sprintf("%+v", *c.Keys)
		}
		text, _ := json.Marshal(c)
		shown += string(text) + c.Identity + c.StartIdentity + c.Login
	}
	if e, ok := errors.AsType[*problem.Error](err); ok {
		shown += e.Message + e.Hint + fmt.Sprint(e.Err)
	} else if err != nil {
		t.Errorf("%v is no *problem.Error", err)
	}
	for _, hidden := range []string{secretKey, sessToken, secretKey[:12], sessToken[:12], password} {
		if strings.Contains(shown, hidden) {
			t.Errorf("a secret shows: %s", shown)
		}
	}
	return c, notes, err
}

func profile(name string) Entry { return Entry{Kind: "profile", Name: name} }

func system(name string) Entry { return Entry{Kind: "oidc", Name: name} }

var environment = Entry{Kind: "environment"}

// jwt is a token in its form alone.
func jwt(issuer, subject string) string {
	part := func(v any) string {
		text, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	return part(map[string]string{"alg": "RS256"}) + "." + part(map[string]string{"iss": issuer, "sub": subject, "aud": "sts.amazonaws.com"}) + "." + part(password)
}

func onGitHub() paths.Env {
	return paths.Env{"ACTIONS_ID_TOKEN_REQUEST_URL": "https://" + password + ".example", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": sessToken}
}

func keysOf(id, secret, token string) string {
	return "aws_access_key_id = " + id + "\naws_secret_access_key = " + secret + "\naws_session_token = " + token + "\n"
}

func TestStaticProfile(t *testing.T) {
	p := at(t, nil, "[profile corp]\nregion = eu-west-1\n", "[other]\n[corp]\naws_access_key_id = "+longID+"\naws_secret_access_key = "+secretKey)
	c, notes, err := p.choose(t, []Entry{profile("corp")})
	if err != nil || len(notes) != 0 {
		t.Fatal(err, notes)
	}
	if want := "profile corp (static keys AKIA…WXYZ in " + p.creds + ":3)"; c.Description != want {
		t.Errorf("description %q, want %q", c.Description, want)
	}
	if want := `{"kind":"static","access_key_id":"` + longID + `"}`; c.Identity != want || c.StartIdentity != want || c.Login != "" {
		t.Errorf("identity %s of %s, login %q, want %s", c.Identity, c.StartIdentity, c.Login, want)
	}
	if c.Profile != "corp" || c.Settings.Region != "eu-west-1" || c.Entry != profile("corp") {
		t.Errorf("got %+v", c)
	}
	if got := c.Keys; got.AccessKeyID != longID || got.SecretAccessKey.Reveal() != secretKey || !got.SessionToken.Empty() || !got.Expires.IsZero() || got.AccountID != "" {
		t.Errorf("got %+v", got)
	}
}

func TestEnvironment(t *testing.T) {
	p := at(t, paths.Env{"AWS_ACCESS_KEY_ID": tempID, "AWS_SECRET_ACCESS_KEY": secretKey, "AWS_SESSION_TOKEN": sessToken}, "[unread", "")
	c, _, err := p.choose(t, []Entry{environment})
	if err != nil {
		t.Fatal(err)
	}
	if want := "environment (static keys ASIA…WXYZ in AWS_ACCESS_KEY_ID)"; c.Description != want {
		t.Errorf("description %q, want %q", c.Description, want)
	}
	if want := `{"kind":"environment","access_key_id":"` + tempID + `"}`; c.Identity != want {
		t.Errorf("identity %s, want %s", c.Identity, want)
	}
	if got := c.Keys; got.AccessKeyID != tempID || got.SecretAccessKey.Reveal() != secretKey || got.SessionToken.Reveal() != sessToken || !got.Expires.IsZero() {
		t.Errorf("got %+v", got)
	}
	if p.asked != 0 {
		t.Error("the AWS files were read, though nothing needs them")
	}
}

func TestSameMapInCIAndOnTheLaptop(t *testing.T) {
	list := []Entry{{Kind: "oidc", Name: "github"}, profile("corp")}
	credentials := "[corp]\n" + keysOf(longID, secretKey, "")
	c, notes, err := at(t, nil, "", credentials).choose(t, list)
	if err != nil || c.Profile != "corp" {
		t.Fatal(c, err)
	}
	if len(notes) != 1 || notes[0].String() != "oidc github: ACTIONS_ID_TOKEN_REQUEST_URL is not set" {
		t.Errorf("notes %v", notes)
	}
	p := at(t, onGitHub(), "", credentials)
	c, notes, err = p.choose(t, list)
	if err != nil || len(notes) != 0 || c.Token == nil || *c.Token != (oidc.Place{System: "github"}) {
		t.Errorf("got %v, %v, %v", c, notes, err)
	}
	if p.asked != 0 {
		t.Error("the AWS files were read, though the first entry holds")
	}
}

func TestWhichListCounts(t *testing.T) {
	p := at(t, nil, "", "[a]\n"+keysOf(longID, secretKey, "")+"[b]\n"+keysOf(otherID, secretKey, "")+"[default]\n"+keysOf("AKIADDDDDDDDDDDDDDDD", secretKey, ""))
	for _, tt := range []struct {
		lists [][]Entry
		want  string
	}{
		{[][]Entry{{profile("a")}, {profile("b")}}, "a"},
		{[][]Entry{nil, {}, {profile("b")}}, "b"},
		{[][]Entry{{profile("nobody"), profile("b")}}, "b"},
		{nil, "default"},
		{[][]Entry{nil, nil}, "default"},
	} {
		if c, _, err := p.choose(t, tt.lists...); err != nil || c.Profile != tt.want {
			t.Errorf("%v: got %v, %v; want %s", tt.lists, c, err, tt.want)
		}
	}
	// A list that has nothing present does not fall through to the next one: that would be a source the map did not name.
	if c, _, err := p.choose(t, []Entry{profile("nobody")}, []Entry{profile("a")}); err == nil {
		t.Errorf("another list was used: %v", c)
	}
}

func TestAWSProfileNeverPicksTheSource(t *testing.T) {
	credentials := "[default]\n" + keysOf(longID, secretKey, "") + "[caller]\n" + keysOf(otherID, secretKey, "")
	p := at(t, paths.Env{"AWS_PROFILE": "caller", "AWS_DEFAULT_PROFILE": "caller"}, "", credentials)
	if c, _, err := p.choose(t); err != nil || c.Profile != "default" {
		t.Errorf("got %v, %v", c, err)
	}
}

func TestEnvironmentAndInstanceAreNeverImplied(t *testing.T) {
	p := at(t, paths.Env{"AWS_ACCESS_KEY_ID": longID, "AWS_SECRET_ACCESS_KEY": secretKey}, "", "")
	c, _, err := p.choose(t)
	if err == nil || problem.CodeOf(err) != problem.LoginNeeded {
		t.Errorf("got %v, %v", c, err)
	}
}

func TestImpliedTokenComesBeforeTheDefaultProfile(t *testing.T) {
	credentials := "[default]\n" + keysOf(longID, secretKey, "")
	c, _, err := at(t, paths.Env{"AWS_ID_TOKEN": jwt("https://gitlab.com", "job")}, "", credentials).choose(t)
	if err != nil || c.Description != "oidc gitlab" {
		t.Errorf("got %v, %v", c, err)
	}
	// The job forgot its permission: the default profile is used, and explain says why the token was not.
	c, notes, err := at(t, paths.Env{"GITHUB_ACTIONS": "true"}, "", credentials).choose(t)
	if err != nil || c.Profile != "default" || len(notes) != 1 || !strings.Contains(notes[0].Text, "id-token: write") {
		t.Errorf("got %v, %v, %v", c, notes, err)
	}
}

func TestAlias(t *testing.T) {
	p := at(t, nil, "", "[acme-sso]\n"+keysOf(longID, secretKey, "")+"[corp]\n"+keysOf(otherID, secretKey, ""))
	p.Aliases = map[string]string{"corp": "acme-sso", "acme-sso": "corp", "lost": "acme-ssp"}
	c, _, err := p.choose(t, []Entry{profile("corp")})
	if err != nil || c.Profile != "acme-sso" || !strings.HasPrefix(c.Description, "profile acme-sso, here for corp (static keys AKIA…WXYZ in ") {
		t.Errorf("got %v, %v", c, err)
	}
	_, notes, err := p.choose(t, []Entry{profile("lost")})
	if err == nil || len(notes) != 1 || !strings.HasPrefix(notes[0].Text, "config.yaml calls it acme-ssp, but neither ") ||
		!strings.HasSuffix(notes[0].Text, " has that, the nearest is acme-sso") {
		t.Errorf("got %v, %v", notes, err)
	}
}

func TestNothingIsHere(t *testing.T) {
	none := paths.Env{}
	tests := []struct {
		name, credentials string
		env               paths.Env
		list              []Entry
		want, hint        string
	}{
		{"a missing profile", "", none, []Entry{profile("corp")},
			"no source of credentials is here: profile corp: neither CONFIG nor CREDS has it", "aws configure --profile corp"},
		{"a missing profile with a neighbour", "[corp-sso]\n", none, []Entry{profile("corp")},
			"no source of credentials is here: profile corp: neither CONFIG nor CREDS has it, the nearest is corp-sso",
			"if yours is called corp-sso, say so in config.yaml: profiles: {corp: corp-sso}"},
		{"several", "", none, []Entry{environment, {Kind: "sso", Name: "s"}},
			"no source of credentials is here: environment: AWS_ACCESS_KEY_ID is not set; sso s: CONFIG has no [sso-session s]", "aws configure sso-session"},
		{"a job without its permission", "", paths.Env{"GITHUB_ACTIONS": "true"}, []Entry{{Kind: "oidc", Name: "github"}, profile("corp")},
			"no source of credentials is here: oidc github: ACTIONS_ID_TOKEN_REQUEST_URL is not set: the job needs permissions: id-token: write; profile corp: neither CONFIG nor CREDS has it",
			"the job needs permissions: id-token: write"},
		{"no list, no files", "", none, nil,
			"no source is named, and the usual ones are not here: there is no CI token, and profile default: neither CONFIG nor CREDS has it", "aws configure"},
		{"no list, profiles of other names", "[a]\n[b]\n", none, nil,
			"no source is named, and the usual ones are not here: there is no CI token, and profile default: neither CONFIG nor CREDS has it",
			"whichrole setup --source NAME; profiles here are a, b"},
		{"no list, one profile", "[my corp]\n", none, nil,
			"no source is named, and the usual ones are not here: there is no CI token, and profile default: neither CONFIG nor CREDS has it",
			"whichrole setup --source " + problem.Quote("my corp")},
		{"no list, a job", "", paths.Env{"GITHUB_ACTIONS": "true"}, nil,
			"no source is named, and the usual ones are not here: there is no CI token, and profile default: neither CONFIG nor CREDS has it",
			"the job needs permissions: id-token: write"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := at(t, tt.env, "", tt.credentials)
			_, notes, err := p.choose(t, tt.list)
			want := strings.NewReplacer("CONFIG", p.config, "CREDS", p.creds).Replace(tt.want)
			e, ok := errors.AsType[*problem.Error](err)
			if !ok || e.Code != problem.LoginNeeded || e.Message != want || e.Hint != tt.hint {
				t.Errorf("got  %v\nhint %q\nwant %s", err, e.Hint, want)
			}
			if len(notes) != max(1, len(tt.list)) && tt.list != nil {
				t.Errorf("notes %v", notes)
			}
		})
	}
}

func TestNameOfAMapIsNotPastedIntoAShell(t *testing.T) {
	for _, name := range []string{"corp; rm -rf ~", "$(id)", "-x", "a\nb", "a b", "}{", "ü", strings.Repeat("a", 65)} {
		for _, credentials := range []string{"", "[" + strings.NewReplacer("\n", "", ";", "").Replace(name) + "x]\n"} {
			_, _, err := at(t, nil, "", credentials).choose(t, []Entry{profile(name)})
			if e, ok := errors.AsType[*problem.Error](err); !ok || e.Hint != "name a source that is here, where these are named: the role map, or else config.yaml" {
				t.Errorf("%q: got %v, hint %q", name, err, e.Hint)
			}
		}
	}
}

func TestLongListIsNotToldInFull(t *testing.T) {
	list := make([]Entry, 1000)
	for i := range list {
		list[i] = profile("x")
	}
	_, notes, err := at(t, nil, "", "").choose(t, list)
	if err == nil || !strings.HasSuffix(err.Error(), "; and 995 more") || len(notes) != 1000 {
		t.Errorf("got %.200v", err)
	}
}

func TestUnreadableFileIsNotPassedOver(t *testing.T) {
	for _, list := range [][]Entry{{profile("corp"), environment}, {{Kind: "sso", Name: "x"}, environment}, nil} {
		env := paths.Env{"AWS_ACCESS_KEY_ID": longID, "AWS_SECRET_ACCESS_KEY": secretKey}
		c, _, err := at(t, env, "[profile corp\naws_secret_access_key = "+secretKey, "").choose(t, list)
		if err == nil || problem.CodeOf(err) != problem.Failure {
			t.Errorf("%v: got %v, %v", list, c, err)
		}
	}
}

// [corp] in ~/.aws/config is read by no SDK, and everybody writes it once.
func TestSectionWithoutTheWordProfileIsToldAbout(t *testing.T) {
	p := at(t, nil, "[corp]\nregion = eu-west-1\n[profile corpmfa]\n", "")
	_, _, err := p.choose(t, []Entry{profile("corp")})
	e, ok := errors.AsType[*problem.Error](err)
	if want := p.config + ":1 has [corp], which is read nowhere: write [profile corp]"; !ok || e.Hint != want {
		t.Errorf("%v, hint %q, want %q", err, e.Hint, want)
	}
}

// The profile that calls whichrole was offered as its source.
func TestTheCallerIsNotOfferedAsSource(t *testing.T) {
	p := at(t, nil, "[profile terraform]\ncredential_process = /usr/local/bin/whichrole credential-process\n[profile mine]\n", "")
	_, _, err := p.choose(t, nil)
	e, ok := errors.AsType[*problem.Error](err)
	if !ok || e.Hint != "whichrole setup --source mine" {
		t.Errorf("%v, hint %q", err, e.Hint)
	}
}

func TestHasTokenAgreesWithTheChoice(t *testing.T) {
	github := []string{"ACTIONS_ID_TOKEN_REQUEST_URL=https://x.example", "ACTIONS_ID_TOKEN_REQUEST_TOKEN=t"}
	tests := []struct {
		name string
		env  []string
		list []Entry
		want bool
	}{
		{"a laptop", nil, nil, false},
		{"GitHub", github, nil, true},
		{"a token that comes second", github, []Entry{{Kind: "profile", Name: "gone"}, {Kind: "oidc", Name: "github"}}, true},
		{"a list without one", github, []Entry{{Kind: "instance"}}, false},
		{"a token that is not there", nil, []Entry{{Kind: "oidc", Name: "github"}, {Kind: "instance"}}, false},
		{"EKS", []string{"AWS_WEB_IDENTITY_TOKEN_FILE=/t"}, []Entry{{Kind: "web_identity"}}, true},
		{"keys before it", append([]string{"AWS_ACCESS_KEY_ID=a"}, github...), []Entry{{Kind: "environment"}, {Kind: "oidc", Name: "github"}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := World{Env: paths.EnvOf(tt.env), AWS: func() (*awsconfig.Files, error) { return awsconfig.Once(paths.EnvOf(tt.env), t.TempDir())() }}
			got, err := HasToken(w, nil, tt.list)
			if err != nil || got != tt.want {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

// Another audience would be another token: AWS refuses a role that trusts only one of them.
func TestAudienceOfTheMapIsForTokensThatAreAskedFor(t *testing.T) {
	w := World{Audience: "ours"}
	for _, tt := range []struct {
		entry Entry
		want  string
	}{
		{Entry{Kind: "oidc", Name: "github"}, "ours"}, {Entry{Kind: "oidc", Name: "buildkite"}, "ours"},
		{Entry{Kind: "oidc", Name: "github", Audience: "own"}, "own"}, {Entry{Kind: "oidc", Name: "gitlab"}, ""}, {Entry{Kind: "oidc", Name: "env:X"}, ""},
	} {
		if got := w.place(tt.entry).Audience; got != tt.want {
			t.Errorf("%+v: %q", tt.entry, got)
		}
	}
}
