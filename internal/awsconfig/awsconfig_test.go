package awsconfig

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// write makes a home with both files ("-" for a file that is not there) and returns it.
func write(t *testing.T, config, credentials string) string {
	t.Helper()
	home := t.TempDir()
	for name, text := range map[string]string{"config": config, "credentials": credentials} {
		if text == "-" {
			continue
		}
		path := filepath.Join(home, ".aws", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

func mustLoad(t *testing.T, config, credentials string) *Files {
	t.Helper()
	f, err := Load(nil, write(t, config, credentials))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSettings(t *testing.T) {
	tests := []struct {
		name, config, credentials string
		profile, key              string
		want                      string // value @ file:line, "" for none
	}{
		{"profile", "[profile a]\nregion = eu-west-1\n", "-", "a", "region", "eu-west-1 @ config:2"},
		{"default", "[default]\nregion=x\n", "-", "default", "region", "x @ config:2"},
		{"profile default hides default", "[profile default]\nregion = x\n[default]\nregion = y\noutput = json", "-", "default", "region", "x @ config:2"},
		{"profile default hides all of default", "[profile default]\nregion = x\n[default]\noutput = json", "-", "default", "output", ""},
		{"quoted name", "[profile \"a b\"]\nregion = x", "-", "a b", "region", "x @ config:2"},
		{"name in single quotes", "[profile 'a b']\nregion = x", "-", "a b", "region", "x @ config:2"},
		{"blank in name", "[profile a b]\nregion = x", "-", "a b", "region", "x @ config:2"},
		{"blanks in header", " [ profile \t a ] ; note\nregion = x", "-", "a", "region", "x @ config:2"},
		{"bare name in config", "[a]\nregion = x", "-", "a", "region", ""},
		{"bare name in credentials", "-", "[a]\nregion = x", "a", "region", "x @ credentials:2"},
		{"profile x in credentials", "-", "[profile a]\nregion = x", "a", "region", ""},
		{"ignored section ends the one before", "[profile a]\n[b]\nregion = x", "-", "a", "region", ""},
		{"colon", "[profile a]\nregion: x", "-", "a", "region", "x @ config:2"},
		{"the first separator counts", "[profile a]\nrole_arn = arn:aws:iam::1:role/x", "-", "a", "role_arn", "arn:aws:iam::1:role/x @ config:2"},
		{"key in capitals", "[profile a]\nAWS_Access_Key_ID = K", "-", "a", "aws_access_key_id", "K @ config:2"},
		{"comments", "# x\n[profile a]\n ; y\nregion = x # z\n", "-", "a", "region", "x @ config:4"},
		{"semicolon comment", "[profile a]\nregion = x\t; z\n", "-", "a", "region", "x @ config:2"},
		{"no comment without a blank", "[profile a]\nregion = x#z\n", "-", "a", "region", "x#z @ config:2"},
		{"quoted value", "[profile a]\nregion = \"x\"\n", "-", "a", "region", "x @ config:2"},
		{"one quote", "[profile a]\nregion = \"\n", "-", "a", "region", "\" @ config:2"},
		{"CRLF", "[profile a]\r\nregion = x\r\n", "-", "a", "region", "x @ config:2"},
		{"CRLF and comment", "[profile a]\r\nregion = x # z\r\n", "-", "a", "region", "x @ config:2"},
		{"BOM", "\ufeff[profile a]\nregion = x", "-", "a", "region", "x @ config:2"},
		{"duplicate key", "[profile a]\nregion = x\nregion = y", "-", "a", "region", "y @ config:3"},
		{"duplicate section", "[profile a]\nregion = x\n[profile b]\n[profile a]\noutput = json", "-", "a", "region", "x @ config:2"},
		{"duplicate section, later key", "[profile a]\nregion = x\n[profile a]\nregion = y", "-", "a", "region", "y @ config:4"},
		{"credentials win", "[profile a]\nregion = x", "[a]\nregion = y", "a", "region", "y @ credentials:2"},
		{"config fills in", "[profile a]\nregion = x", "[a]\nmfa_serial = y", "a", "region", "x @ config:2"},
		{"continuation", "[profile a]\nscopes = x,\n  y\n", "-", "a", "scopes", "x,\ny @ config:2"},
		{"indented section", "[profile a]\n  region = x # z\n  output = json\n", "-", "a", "output", "json @ config:3"},
		{"empty value", "[profile a]\nregion =\n", "-", "a", "region", " @ config:2"},
		{"nested settings are not of the profile", "[profile a]\ns3 =\n  region = x\n", "-", "a", "region", ""},
		{"after nested settings", "[profile a]\ns3 =\n  x = y\nregion = x\n", "-", "a", "region", "x @ config:4"},
		{"no final newline", "[profile a]\nregion = x", "-", "a", "region", "x @ config:2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := mustLoad(t, tt.config, tt.credentials)
			p, _ := f.Profile(tt.profile)
			got := ""
			if s, ok := p.Get(tt.key); ok {
				got = fmt.Sprintf("%s @ %s:%d", s.Text(), filepath.Base(s.File), s.Line)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// The access key of one file with the secret or the token of another would be nobody's credentials, or the wrong ones.
func TestKeysOfTwoFilesAreNeverMixed(t *testing.T) {
	whole := "[profile a]\naws_access_key_id = C\naws_secret_access_key = c\naws_session_token = old\naws_account_id = 111111111111\n"
	tests := []struct{ name, credentials, id, secret, token string }{
		{"both", "[a]\naws_access_key_id = K\naws_secret_access_key = k", "K", "k", ""},
		{"only an id", "[a]\naws_access_key_id = K", "K", "", ""},
		{"only a secret", "[a]\naws_secret_access_key = k", "", "k", ""},
		{"only a token", "[a]\naws_session_token = t", "C", "c", "old"},
		{"something else", "[a]\nregion = x", "C", "c", "old"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := mustLoad(t, whole, tt.credentials)
			p, _ := f.Profile("a")
			for key, want := range map[string]string{
				"aws_access_key_id": tt.id, "aws_secret_access_key": tt.secret, "aws_session_token": tt.token,
			} {
				if s, _ := p.Get(key); s.Text() != want {
					t.Errorf("%s: got %q, want %q", key, s.Text(), want)
				}
			}
		})
	}
}

func TestSections(t *testing.T) {
	f := mustLoad(t, `[sso-session "corp"]
sso_start_url = https://x.awsapps.com/start
[services local]
s3 =
  endpoint_url = http://127.0.0.1:1 # kept, as in the SDKs
  addressing_style = path
sts =
  endpoint_url = http://127.0.0.1:2
[profile z]
[default]
`, "[b]\n[a]\n[sso-session nowhere]\n[profile nor-here]\n")
	if want := []string{"a", "b", "default", "z"}; !slices.Equal(f.Names(), want) {
		t.Errorf("names %q, want %q", f.Names(), want)
	}
	s, ok := f.Section("sso-session", "corp")
	if url, _ := s.Get("sso_start_url"); !ok || url.Text() != "https://x.awsapps.com/start" || url.Line != 2 || s.Line != 1 {
		t.Errorf("sso-session: %v %v", s, url)
	}
	s, _ = f.Section("services", "local")
	s3, _ := s.Get("s3")
	if url, _ := s3.Get("endpoint_url"); url.Text() != "http://127.0.0.1:1 # kept, as in the SDKs" || url.Line != 5 {
		t.Errorf("nested: %v %q", url, url.Text())
	}
	if _, ok := f.Section("sso-session", "nowhere"); ok {
		t.Error("a session of the credentials file")
	}
	if _, ok := f.Section("sso-session", "z"); ok {
		t.Error("a profile is no session")
	}
	if _, ok := (*Section)(nil).Get("x"); ok {
		t.Error("a setting of no section")
	}
}

func TestBadLine(t *testing.T) {
	const secret = "wJalrXUtnFEMI"
	tests := []struct{ name, config, credentials, want string }{
		{"open header", "[profile a]\nx = y\n[profile b\naws_secret_access_key = " + secret, "-", "config:3: a section header"},
		{"text behind a header", "[profile a] " + secret, "-", "config:1: a section header"},
		{"# in a header", "[profile a#b]", "-", "config:1: a section header"},
		{"no separator", "[profile a]\n" + secret + "\n", "-", "config:2: neither"},
		{"no key", "[profile a]\n= " + secret + "\n", "-", "config:2: neither"},
		{"no section", "-", "# note\n\naws_secret_access_key = " + secret, "credentials:3: a setting before"},
		{"no name", "-", "[]\naws_secret_access_key = " + secret, "credentials:1: a section without"},
		{"no quoted name", "[profile \"\"]", "-", "config:1: a section without"},
		{"UTF-16", "\xff\xfe[\x00d\x00]\x00", "-", "config:1: the file is UTF-16"},
		{"CRLF counts as one line", "[profile a]\r\n\r\n" + secret, "-", "config:3: neither"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(nil, write(t, tt.config, tt.credentials))
			if err == nil || !strings.Contains(err.Error(), tt.want) || problem.CodeOf(err) != problem.Failure {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			if strings.Contains(fmt.Sprintf("%+v", err), secret) {
				t.Errorf("the error quotes the line: %v", err)
			}
		})
	}
}

func TestWhereTheFilesAre(t *testing.T) {
	home := filepath.Join(t.TempDir(), "me")
	other := filepath.Join(home, "other")
	tests := []struct {
		name                string
		env                 paths.Env
		home                string
		config, credentials string
	}{
		{"default", nil, home, filepath.Join(home, ".aws", "config"), filepath.Join(home, ".aws", "credentials")},
		{"variables", paths.Env{"AWS_CONFIG_FILE": other, "AWS_SHARED_CREDENTIALS_FILE": other + "2"}, home, other, other + "2"},
		{"tilde", paths.Env{"AWS_CONFIG_FILE": "~/other"}, home, other, filepath.Join(home, ".aws", "credentials")},
		{"another user's home is not guessed", paths.Env{"AWS_CONFIG_FILE": "~root/x"}, home, "~root/x", filepath.Join(home, ".aws", "credentials")},
		{"set to nothing", paths.Env{"AWS_CONFIG_FILE": ""}, home, filepath.Join(home, ".aws", "config"), filepath.Join(home, ".aws", "credentials")},
		{"no home", nil, "", "", ""},
		{"switched off", paths.Env{"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull}, home, os.DevNull, os.DevNull},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Load(tt.env, tt.home)
			if err != nil {
				t.Fatal(err)
			}
			if f.ConfigPath != tt.config || f.CredentialsPath != tt.credentials {
				t.Errorf("got %s and %s", f.ConfigPath, f.CredentialsPath)
			}
			if len(f.Names()) != 0 {
				t.Errorf("profiles out of nothing: %q", f.Names())
			}
			if _, ok := f.Profile("default"); ok {
				t.Error("a profile out of nothing")
			}
		})
	}
}

// Unreadable is not empty: passing the profile over would quietly take another source.
func TestUnreadableIsNotEmpty(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, []byte(strings.Repeat("#", maxFile+1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{dir: "not a regular file", large: "over 1 MiB"} {
		_, err := Load(paths.Env{"AWS_CONFIG_FILE": path}, "")
		if err == nil || err.Error() != "cannot read the AWS file "+path+": "+want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestOnceReadsOnce(t *testing.T) {
	home := write(t, "[profile a]", "-")
	once := Once(nil, home)
	first, err := once()
	if err != nil {
		t.Fatal(err)
	}
	os.RemoveAll(home)
	if second, err := once(); err != nil || second != first {
		t.Errorf("read again: %v", err)
	}
}

func TestNoFormattingShowsAValue(t *testing.T) {
	const secret = "wJalrXUtnFEMI"
	f := mustLoad(t, "[profile a]\nx =\n  y = "+secret, "[a]\naws_secret_access_key = "+secret)
	p, _ := f.Profile("a")
	key, _ := p.Get("aws_secret_access_key")
	nested, _ := p.Get("x")
	type holder struct{ s Setting }
	for _, v := range []any{f, *f, p, *p, p.config, *p.credentials, key, &key, holder{key}, []Setting{key, nested}, nested, key.Secret()} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, secret) || strings.Contains(got, fmt.Sprintf("%x", secret)) {
				t.Errorf("%s of %T shows the secret", verb, v)
			}
		}
		if data, _ := json.Marshal(v); strings.Contains(string(data), secret) {
			t.Errorf("JSON of %T shows the secret", v)
		}
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(io.MultiWriter(&log), nil)).Info("x", "v", v)
		if strings.Contains(log.String(), secret) {
			t.Errorf("a log of %T shows the secret", v)
		}
	}
	if key.Secret().Reveal() != secret || key.Text() != secret {
		t.Error("the secret is lost")
	}
	if want := f.CredentialsPath + ":2"; key.String() != want {
		t.Errorf("got %v, want %s", key, want)
	}
}

func BenchmarkLoad(b *testing.B) {
	var text strings.Builder
	for i := range 500 {
		fmt.Fprintf(&text, "[profile account-%d]\nsso_session = corp\nsso_account_id = 111111111111\nsso_role_name = admin\nregion = eu-west-1\n\n", i)
	}
	path := filepath.Join(b.TempDir(), "config")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	env := paths.Env{"AWS_CONFIG_FILE": path}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		if _, err := Load(env, ""); err != nil {
			b.Fatal(err)
		}
	}
}
