package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

const sum = "h1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

func linked() *buildinfo.BuildInfo {
	return &buildinfo.BuildInfo{
		GoVersion: "go1.26.8 X:nodwarf5",
		Main:      debug.Module{Path: "whichrole", Version: "(devel)"},
		Deps: []*debug.Module{
			{Path: "example.org/a", Version: "v1.2.3", Sum: sum},
			{Path: "example.org/old", Version: "v1.0.0", Replace: &debug.Module{Path: "example.org/new", Version: "v2.0.0+incompatible", Sum: sum}},
		},
		Settings: []debug.BuildSetting{{Key: "vcs.time", Value: "2026-11-23T01:02:03Z"}, {Key: "GOOS", Value: "linux"}, {Key: "-compiler", Value: "gc"}},
	}
}

func TestTheBillNamesWhatIsLinked(t *testing.T) {
	digest := sha256.Sum256([]byte("the binary"))
	out, err := cycloneDX(linked(), "1.2.3", digest)
	if err != nil {
		t.Fatal(err)
	}
	var doc bom
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	want := []string{"pkg:golang/std@1.26.8", "pkg:golang/example.org/a@v1.2.3", "pkg:golang/example.org/new@v2.0.0+incompatible"}
	for i, c := range doc.Components {
		if i >= len(want) || c.Purl != want[i] || c.Ref != doc.Dependencies[0].DependsOn[i] {
			t.Errorf("component %d is %+v", i, c)
		}
	}
	if len(doc.Components) != len(want) || doc.Dependencies[0].Ref != "pkg:golang/whichrole@1.2.3" {
		t.Errorf("%s", out)
	}
	if got := doc.Components[1].Hashes; len(got) != 1 || got[0].Content != "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" {
		t.Errorf("a module's digest is %v", got)
	}
	if got := doc.Metadata.Timestamp; got != "2026-11-23T01:02:03Z" {
		t.Errorf("its time is %q, not the commit's", got)
	}
	if got := doc.Metadata.Properties; len(got) != 1 || got[0].Value != "linux" {
		t.Errorf("properties %v", got)
	}
	if again, _ := cycloneDX(linked(), "1.2.3", digest); string(again) != string(out) {
		t.Error("the same binary has two bills")
	}
	if other, _ := cycloneDX(linked(), "1.2.3", sha256.Sum256(nil)); strings.Contains(string(other), doc.Serial) {
		t.Error("another binary has the same serial number")
	}
}

// What is built from a directory has no checksum: nobody could tell which bytes they were.
func TestAModuleWithoutChecksumIsRefused(t *testing.T) {
	info := linked()
	info.Deps[0].Sum = ""
	if _, err := cycloneDX(info, "1.2.3", [32]byte{}); err == nil || !strings.Contains(err.Error(), "example.org/a") {
		t.Errorf("got %v", err)
	}
}

func TestLicensesOfAllThatIsLinked(t *testing.T) {
	root := t.TempDir()
	for file, text := range map[string]string{
		"a/LICENSE": "mine", "a/NOTICE.txt": "of a", "a/internal/taken/LICENSE.md": "theirs", "a/license.go": "package a",
		"a/testdata/LICENSE": "no part", "a/.github/LICENSE.yml": "no part",
		"b/COPYING": "mine\r\n", "go/LICENSE": "of Go", "go/src/LICENSE": "no part",
	} {
		write(t, filepath.Join(root, file), text)
	}
	at := func(name string) string { return filepath.Join(root, name) }
	out, err := together([]place{{"Go", at("go"), false}, {"example.org/a v1", at("a"), true}, {"example.org/b v1", at("b"), true}})
	if err != nil {
		t.Fatal(err)
	}
	got := string(out)
	for _, part := range []string{
		"Go: LICENSE\n\nof Go\n", "example.org/a v1: LICENSE\nexample.org/b v1: COPYING\n\nmine\n", "NOTICE.txt\n\nof a\n", "internal/taken/LICENSE.md\n\ntheirs\n",
	} {
		if strings.Count(got, part) != 1 {
			t.Errorf("%q stands there %d times:\n%s", part, strings.Count(got, part), got)
		}
	}
	for _, part := range []string{"no part", "package a"} {
		if strings.Contains(got, part) {
			t.Errorf("%q stands there:\n%s", part, got)
		}
	}
}

func TestAModuleWithoutLicenseIsRefused(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "code.go"), "package code")
	if _, err := together([]place{{"example.org/code v1", dir, true}}); err == nil || !strings.Contains(err.Error(), "example.org/code v1") {
		t.Errorf("got %v", err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
