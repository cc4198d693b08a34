package main

import (
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// bom is a CycloneDX document (ECMA-424), as far as we fill it in.
type bom struct {
	Format       string       `json:"bomFormat"`
	Spec         string       `json:"specVersion"`
	Serial       string       `json:"serialNumber"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Timestamp  string     `json:"timestamp,omitempty"`
	Component  component  `json:"component"`
	Properties []property `json:"properties"`
}

type component struct {
	Type     string    `json:"type"`
	Ref      string    `json:"bom-ref"`
	Name     string    `json:"name"`
	Version  string    `json:"version"`
	Purl     string    `json:"purl"`
	Hashes   []hash    `json:"hashes,omitempty"`
	Licenses []license `json:"licenses,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type license struct {
	License struct {
		ID string `json:"id"`
	} `json:"license"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

// cycloneDX is the bill of materials of a binary with that digest. Its time is the commit's, and its serial number is made
// from the digest: of one binary there is one document.
func cycloneDX(info *buildinfo.BuildInfo, version string, digest [32]byte) ([]byte, error) {
	self := golang("application", info.Main.Path, version)
	self.Hashes = []hash{{"SHA-256", hex.EncodeToString(digest[:])}}
	self.Licenses = []license{{}}
	self.Licenses[0].License.ID = "MIT" // LICENSE
	doc := bom{Format: "CycloneDX", Spec: "1.6", Serial: serial(digest), Version: 1, Metadata: metadata{Component: self}}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.time":
			doc.Metadata.Timestamp = s.Value
		case "GOOS", "GOARCH", "vcs.revision", "vcs.modified", "CGO_ENABLED", "-tags":
			doc.Metadata.Properties = append(doc.Metadata.Properties, property{"cdx:gomod:build:env:" + s.Key, s.Value})
		}
	}
	compiler, _, _ := strings.Cut(strings.TrimPrefix(info.GoVersion, "go"), " ")
	doc.Components = append(doc.Components, golang("library", "std", compiler))
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		c := golang("library", module.Path, module.Version)
		sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(module.Sum, "h1:"))
		if err != nil || len(sum) != 32 {
			return nil, fmt.Errorf("%s has no checksum", module.Path)
		}
		// As cyclonedx-gomod has it: of the module's files, the digest that go.sum names.
		c.Hashes = []hash{{"SHA-256", hex.EncodeToString(sum)}}
		doc.Components = append(doc.Components, c)
	}
	whole := dependency{Ref: self.Ref}
	for _, c := range doc.Components {
		whole.DependsOn = append(whole.DependsOn, c.Ref)
	}
	doc.Dependencies = []dependency{whole}
	out, err := json.MarshalIndent(doc, "", "  ")
	return append(out, '\n'), err
}

// golang is a module as https://github.com/package-url/purl-spec has it.
func golang(kind, path, version string) component {
	purl := "pkg:golang/" + path + "@" + url.PathEscape(version)
	return component{Type: kind, Ref: purl, Name: path, Version: version, Purl: purl}
}

// serial is a UUID of version 8 (RFC 9562: of one's own making).
func serial(digest [32]byte) string {
	id := digest[:16]
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
