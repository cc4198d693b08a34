package modules

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// within fails the test where f does not end.
func within(t *testing.T, d time.Duration, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(d):
		t.Fatalf("%s: still busy after %v", what, d)
	}
}

// The parser calls itself for each bracket, and a stack that is full ends the process, whatever recovers. Of long texts and
// long names it copies all that went before: with 1 MiB, the largest that is read, one of these files took it a minute.
func TestFilesThatWouldKeepTheParserBusy(t *testing.T) {
	fill := func(s string) string { return strings.Repeat(s, maxFile/4/len(s)) }
	for name, text := range map[string]string{
		"braces": fill("{"), "blocks": fill("a{\n"), "brackets": "a=" + fill("["), "parentheses": "a=" + fill("("), "minus": "a=" + fill("-"), "not": "a=" + fill("!"),
		"conditions": "a=" + fill("a?"), "splats": "a=a" + fill("[*]"), "interpolations": `a="` + fill(`${"`), "directives": `a="` + fill(`%{if a}`), "heredoc": "a=<<A\n" + fill("x\n"),
		"indented heredoc": "a=<<-A\n" + fill("  x\n"), "heredocs": fill("a=<<A\n"), "literals": `a="` + fill("$ ") + "\"\n", "names": "a=" + fill("a::"), "a number": "a=" + fill("9"), "hidden by comments": "a=" + fill("[#]\n"),
	} {
		within(t, time.Minute, name, func() {
			start := time.Now()
			_, fault := parse([]byte(text), false)
			if fault.Text != "is too deeply nested or too long a text: not read" || fault.Line == 0 {
				t.Errorf("%s: %+v", name, fault)
			}
			if d := time.Since(start); d > 15*time.Second {
				t.Errorf("%s took %v", name, d)
			}
		})
	}
	for name, text := range map[string]string{"arrays": strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000), "open": strings.Repeat(`{"a":`, 20_000), "nothing": "", "text": "\n\nprovider"} {
		if _, fault := parse([]byte(text), true); fault.Text != "is not valid JSON" || fault.Line == 0 {
			t.Errorf("JSON %s: %+v", name, fault)
		}
	}
}

// What people have is far below these limits.
func TestLargeFilesAreRead(t *testing.T) {
	var text strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&text, "resource \"aws_iam_policy\" \"p%d\" {\n  name   = !var.x ? \"a-%d\" : \"b\"\n  policy = jsonencode({ Statement = [{ Action = [\"s3:*\"], Resource = aws_s3_bucket.b[*].arn }] })\n  doc    = <<-EOT\n    one\n    ${var.two}\n  EOT\n}\n", i, i)
	}
	text.WriteString("locals {\n  script = <<EOT\n" + strings.Repeat("echo one line of a script\n", 2000) + "EOT\n}\n" + aws)
	m, found, notes := look(t, map[string]string{"main.tf": text.String()})
	if !found || len(notes) > 0 || m.Line != 18005 {
		t.Errorf("%+v %v", m, notes)
	}
}

func TestFilesThatAreTooLargeAreNoted(t *testing.T) {
	top := repository(t, map[string]string{"a/main.tf": strings.Repeat("#", maxFile+1), ".gitignore": strings.Repeat("#", maxFile+1), "a/ok.tf": aws})
	dirs, notes := search(t, top, ".", usual())
	expect(t, "modules", dirs, "a")
	expect(t, "notes", notes, ".gitignore:0: is larger than 1 MiB: not read", "a/main.tf:0: is larger than 1 MiB: not read")
}

// A million patterns that all but match, in each directory.
func TestIgnoreRulesWithoutEnd(t *testing.T) {
	top := t.TempDir()
	many := strings.Repeat("a*b?c\n", maxFile/6)
	hard := strings.Repeat(strings.Repeat("*a", 50)+"c*b\n", 9000)
	for i := range 40 {
		write(t, top, fmt.Sprintf("many%d/.gitignore", i), many)
		write(t, top, fmt.Sprintf("many%d/x/main.tf", i), aws)
	}
	write(t, top, ".gitignore", hard)
	for i := range 40 {
		write(t, top, fmt.Sprintf("%s%dab/main.tf", strings.Repeat("a", 150), i), aws)
	}
	within(t, 2*time.Minute, "many rules", func() {
		dirs, notes := search(t, top, ".", usual())
		said := strings.Join(notes, "\n")
		if len(dirs) < 40 || !strings.Contains(said, "many7/.gitignore:0: git's ignore rules here and above are more than 10000") || !strings.Contains(said, "git's ignore rules take too long") {
			t.Errorf("%q %q", dirs, notes)
		}
	})
}

// Whatever is wrong, no word of a file comes out that is not a name, a profile or a role.
func TestSecretsStayWhereTheyAre(t *testing.T) {
	const secret = "Zm9vYmFyc2VjcmV0"
	top := repository(t, map[string]string{
		"home/.aws/credentials": "[default]\naws_secret_access_key = " + secret + "\nprovider \"aws\" {\n  profile = \"" + secret + "\"\n}\n",
		"keys/main.tf":          "provider \"aws\" {\n  access_key = \"" + secret + "\"\n  secret_key = \"" + secret + "\"\n  token = \"" + secret + "\"\n}\n",
		"local/main.tf":         "locals {\n  k = \"" + secret + "\"\n}\nprovider \"aws\" {\n  secret_key = local.k\n}\n",
		"role/main.tf":          "locals {\n  k = \"" + secret + "\"\n}\nprovider \"aws\" {\n  assume_role {\n    role_arn = local.k\n  }\n}\n" + "terraform {\n  backend \"s3\" {\n    role_arn = local.k\n  }\n}\n",
		"token/main.tf":         "provider \"aws\" {\n  assume_role_with_web_identity {\n    role_arn = \"a\"\n    web_identity_token = \"" + secret + "\"\n  }\n}\n",
		"oneline/main.tf":       aws + "data \"terraform_remote_state\" \"x\" {\n  backend = \"s3\"\n  config = { sse_customer_key = \"" + secret + "\", profile = \"p\", secret_key = \"" + secret + "\" } # " + secret + "\n}\n",
		"computed/main.tf":      aws + "locals {\n  k = \"secret_key\"\n}\ndata \"terraform_remote_state\" \"x\" {\n  backend = \"s3\"\n  config = {\n    (local.k) = \"" + secret + "\"\n  }\n}\n",
		"quoted/main.tf":        aws + "\"" + secret + "\"\n",
		"directive/main.tf":     aws + "locals {\n  a = \"%{if true " + secret + "}\"\n}\n",
		"string/main.tf":        aws + "x = \"" + secret + "\n",
		"json/main.tf.json":     `{"provider": {"aws": {"secret_key": "` + secret + `", "token": ["` + secret + `"]}}, ` + secret,
		"json2/main.tf.json":    `{"provider": {"aws": {"secret_key": "` + secret + `", "token": ["` + secret + `"], "profile": "p"}}}`,
		"unit/terragrunt.hcl":   "include {\n  path = \"x/${get_env(\"" + secret + "\")}\"\n}\nlocals {\n  k = \"" + secret + "/\"\n}\niam_web_identity_token = \"" + secret + "\"\niam_role = local.k\niam_assume_role_session_name = local.k\nremote_state {\n  backend = \"s3\"\n  config = { access_key = \"" + secret + "\", role_arn = local.k, external_id = \"" + secret + " \" }\n}\ngenerate \"x\" {\n  contents = \"# " + secret + "\\nprovider \\\"aws\\\" {\\n  token = \\\"" + secret + "\\\"\\n  assume_role { role_arn = \\\"" + secret + "\\\" }\\n}\"\n}\n",
		"repo/.gitignore":       secret + "\n",
		"repo/in/x.tf":          "",
	})
	for i, target := range []string{"../../home/.aws/credentials", filepath.Join(top, "home", ".aws", "credentials"), "../../repo/../home/.aws/credentials"} {
		link(t, top, fmt.Sprintf("repo/in/main%d.tf", i), target)
	}
	for _, at := range []string{".", "repo"} {
		found, err := Find(context.Background(), Search{Root: filepath.Join(top, at), Top: filepath.Join(top, at)})
		if err != nil {
			t.Fatal(err)
		}
		if text := pretty(found); at == "repo" && strings.Contains(text, secret) || at == "." && strings.Count(text, secret) > strings.Count(text, "repo/in/main") { // there the link stays inside
			t.Errorf("%s", text)
		}
		if at == "repo" && len(found.Notes) != 3 {
			t.Errorf("%+v", found.Notes)
		}
	}
	for _, dir := range []string{"keys", "local", "role", "token", "oneline", "computed", "quoted", "directive", "string", "json", "json2"} {
		m, found, err := Read(filepath.Join(top, dir))
		if text := fmt.Sprintf("%+v %v", m, err); strings.Contains(text, secret) || found != (dir != "json") {
			t.Errorf("%s: %s", dir, text)
		}
	}
}

func TestNamesThatAreNoNames(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such names")
	}
	top := t.TempDir()
	git(t, top, "", "init", "-q")
	for _, name := range []string{"a\nb", "a\x1b[31m", "-rf", " ", "a\\b", "{x}", "\xff", "a:b", "..."} {
		write(t, top, name+"/main.tf", aws)
	}
	dirs, notes := search(t, top, ".", usual())
	expect(t, "modules", dirs, " ", "-rf", "...", "a\nb", "a\x1b[31m", "a:b", "a\\b", "{x}", "\xff")
	expect(t, "notes", notes)
}

func TestVeryDeepTree(t *testing.T) {
	top := t.TempDir()
	root, err := os.OpenRoot(top)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 150 { // longer than a path may be
		name := fmt.Sprintf("%03d%s", i, strings.Repeat("x", 60))
		if err := root.Mkdir(name, 0o700); err != nil {
			t.Fatal(err)
		}
		next, err := root.OpenRoot(name)
		root.Close()
		if err != nil {
			t.Fatal(err)
		}
		root = next
		if err := root.WriteFile("main.tf", []byte(aws), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root.Close()
	dirs, notes := search(t, top, ".", usual())
	if len(dirs) != 100 || len(notes) != 1 || !strings.HasSuffix(notes[0], "what lies below is too deep: not read") {
		t.Errorf("%d modules, %q", len(dirs), notes)
	}
}

func TestWhatTheSystemRefusesIsNoted(t *testing.T) {
	r := &reader{within: "a/b"}
	r.failed("x", &os.PathError{Op: "open", Path: "secret", Err: syscall.EACCES})
	r.failed(r.fromRoot("a/.gitignore"), errors.New("path escapes from parent"))
	expect(t, "notes", []string{fmt.Sprint(r.notes.sorted())}, "[{../.gitignore 0 is a symlink that leads out of the repository: not read} {x 0 cannot be read: "+syscall.EACCES.Error()+"}]")
}
