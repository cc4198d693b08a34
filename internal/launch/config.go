package launch

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strings"

	"whichrole/internal/awsconfig"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const maxConfig = 1 << 20 // bytes: what awsconfig reads

// copied is the user's config file with our profile at its end.
type copied struct {
	text []byte
	line int    // of the profile's header, from 1
	call string // its credential_process
}

// copyOf keeps every byte of the user's file, but for a whichrole-exec that is there already: the user's own file is such a
// copy where exec runs within exec.
func copyOf(files *awsconfig.Files, call, region string) (copied, error) {
	if s, ok := files.Shared(Profile); ok {
		return copied{}, problem.New(problem.Failure, "%s: [%s] there would be used instead of the profile of that name that exec makes", s, Profile).
			WithHint("rename or remove that section")
	}
	if !isRegion(region) {
		return copied{}, problem.New(problem.Failure, "%s is no region", problem.Quote(region))
	}
	text, err := original(files.ConfigPath)
	if err != nil {
		return copied{}, err
	}
	text = without(text, Profile)
	end := "\n"
	if i := bytes.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		end = "\r\n"
	}
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, end...)
	}
	c := copied{line: bytes.Count(text, []byte("\n")) + 1, call: call}
	lines := []string{"[profile " + Profile + "]", "credential_process = " + call}
	if region != "" {
		lines = append(lines, "region = "+region)
	}
	c.text = append(text, strings.Join(lines, end)+end...)
	return c, nil
}

// check reads the copy back as awsconfig reads it: whatever the user's file holds, the profile is ours alone.
func (c copied) check(path string) error {
	files, err := awsconfig.Load(paths.Env{"AWS_CONFIG_FILE": path, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull}, "")
	if err != nil {
		return err
	}
	s, ok := files.Section("profile", Profile)
	if !ok || s.Line != c.line {
		return problem.New(problem.Failure, "the AWS config file cannot be copied: a profile at its end is not read as one")
	}
	if call, _ := s.Get("credential_process"); call.Text() != c.call {
		return problem.New(problem.Failure, "the AWS config file cannot be copied: the profile at its end is read as another")
	}
	return nil
}

func original(path string) ([]byte, error) {
	if path == "" || path == os.DevNull {
		return nil, nil
	}
	data, _, err := paths.ReadRegular(path, maxConfig)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, problem.New(problem.Failure, "cannot read the AWS file %s: %v", path, paths.Cause(err)).Because(err)
	}
	return data, nil
}

// without cuts the sections of that profile out.
func without(text []byte, profile string) (kept []byte) {
	cut := false
	for line := range bytes.Lines(text) {
		if kind, name, ok := header(line); ok {
			cut = kind == "profile" && name == profile
		}
		if !cut {
			kept = append(kept, line...)
		}
	}
	return kept
}

// header reads a line as awsconfig reads a section's header.
func header(line []byte) (kind, name string, ok bool) {
	text := strings.TrimSpace(strings.TrimPrefix(string(line), "\ufeff"))
	if !strings.HasPrefix(text, "[") {
		return "", "", false
	}
	if i := strings.IndexAny(text, "#;"); i >= 0 {
		text = strings.TrimSpace(text[:i])
	}
	text, ok = strings.CutSuffix(text[1:], "]")
	kind, name, _ = strings.Cut(strings.ReplaceAll(strings.TrimSpace(text), "\t", " "), " ")
	return kind, strings.Trim(strings.TrimSpace(name), `"'`), ok
}

func isRegion(region string) bool {
	return strings.Trim(region, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
