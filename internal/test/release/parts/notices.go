package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// A module's licence may stand beside what it took from elsewhere, too: golang.org/x/sync in the AWS SDK's internal/sync.
var licenseName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-][a-z0-9.-]*)?$`)

// notices are the licences of the standard library and of each linked module, read where go keeps the modules. A text that
// several have stands there once.
func notices(info *buildinfo.BuildInfo) ([]byte, error) {
	places, err := directories(info)
	if err != nil {
		return nil, err
	}
	return together(places)
}

func together(places []place) ([]byte, error) {
	var texts []string
	heads := map[string]string{}
	for _, p := range places {
		files, err := p.files()
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("%s has no licence: what it allows must be looked up before it is shipped", p.name)
		}
		for _, file := range files {
			content, err := os.ReadFile(filepath.Join(p.dir, file))
			if err != nil {
				return nil, err
			}
			text := strings.TrimSpace(strings.ReplaceAll(string(content), "\r\n", "\n"))
			if heads[text] == "" {
				texts = append(texts, text)
			}
			heads[text] += p.name + ": " + filepath.ToSlash(file) + "\n"
		}
	}
	var b bytes.Buffer
	b.WriteString("whichrole is under the MIT licence: see LICENSE. Linked into it, under licences of their own:\n")
	for _, text := range texts {
		fmt.Fprintf(&b, "\n%s\n%s\n%s\n", strings.Repeat("-", 100), heads[text], text)
	}
	return b.Bytes(), nil
}

type place struct {
	name, dir string
	below     bool // look below dir, too
}

func directories(info *buildinfo.BuildInfo) ([]place, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	places := []place{{"Go's standard library", strings.TrimSpace(string(root)), false}}
	args := []string{"mod", "download", "-json"}
	for _, module := range info.Deps {
		args = append(args, module.Path+"@"+module.Version)
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		return nil, fmt.Errorf("go mod download: %w", err)
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var m struct{ Path, Version, Dir string }
		if err := dec.Decode(&m); errors.Is(err, io.EOF) {
			return places, nil
		} else if err != nil {
			return nil, err
		}
		places = append(places, place{m.Path + " " + m.Version, m.Dir, true})
	}
}

// files in the order of their names.
func (p place) files() (files []string, err error) {
	err = filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != p.dir && (!p.below || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case d.Type().IsRegular() && licenseName.MatchString(d.Name()) && filepath.Ext(d.Name()) != ".go":
			relative, err := filepath.Rel(p.dir, path)
			files = append(files, relative)
			return err
		}
		return nil
	})
	return files, err
}
