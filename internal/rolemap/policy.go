package rolemap

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"path"
	"slices"
	"strings"

	"whichrole/internal/problem"
	"whichrole/internal/strictyaml"
)

// maxPolicyFile bounds a policy file, in bytes. What STS takes is less, and counted without white space.
const maxPolicyFile = 20 << 10

// A policy is an inline session policy. File and SHA256 are empty where the map itself holds the text.
type policy struct {
	Text   string `json:"text"` // JSON without white space
	File   string `json:"file,omitempty"`
	SHA256 string `json:"sha256,omitempty"` // of the file's bytes
}

func (p policy) set() bool { return p.Text != "" }

func (d *decoder) policy(s *settings, v strictyaml.Value) {
	if !v.Within(maxPolicy) {
		return
	}
	text, ok := v.Text()
	if !ok {
		return
	}
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		compact, f := compactPolicy([]byte(text))
		if f.tell(v) {
			s.Policy = policy{Text: compact}
		}
		return
	}
	p, seen := d.policies[text]
	if !seen {
		var f *flaw
		if p, f = d.policyFile(text); !f.tell(v) {
			return
		}
		if d.policies == nil {
			d.policies = map[string]policy{}
		}
		d.policies[text] = p
	}
	s.Policy = p
}

func (d *decoder) policyFile(rel string) (policy, *flaw) {
	const hint = "name a file below the map's directory: policies/terraform.json"
	// A colon names a drive or a stream on Windows.
	if strings.ContainsAny(rel, "\n\t\\:") || path.IsAbs(rel) || strings.HasPrefix(rel, "~") || slices.Contains(strings.Split(rel, "/"), "..") {
		return policy{}, flawed(hint, "policy file %s is not below the map's directory", shorten(rel))
	}
	if len(rel) > maxPolicyName || len(d.policies) == maxPolicyFiles {
		return policy{}, flawed("", "policy file %s: a name has %d bytes at most, and a map %d files", shorten(rel), maxPolicyName, maxPolicyFiles)
	}
	if d.readPolicy == nil {
		return policy{}, flawed("", "policy file %s: files cannot be read here", rel)
	}
	data, err := d.readPolicy(path.Clean(rel))
	if err != nil {
		p, _ := errors.AsType[*problem.Error](err)
		if p == nil {
			p = problem.New(problem.BadMap, "policy file %s: %v", rel, err)
		}
		return policy{}, &flaw{p.Message, p.Hint}
	}
	if len(data) > maxPolicyFile {
		return policy{}, flawed("", "policy file %s is larger than 20 KB", rel)
	}
	compact, f := compactPolicy(data)
	if f != nil {
		return policy{}, flawed(f.hint, "policy file %s: %s", rel, f.text)
	}
	digest := sha256.Sum256(data)
	return policy{Text: compact, File: path.Clean(rel), SHA256: hex.EncodeToString(digest[:])}, nil
}

// compactPolicy makes sure that data is a JSON object, and takes the white space out: STS counts characters.
func compactPolicy(data []byte) (string, *flaw) {
	var b bytes.Buffer
	if err := json.Compact(&b, data); err != nil {
		return "", flawed("", "the policy is not JSON: %v", err)
	}
	text := b.String()
	if !strings.HasPrefix(text, "{") {
		return "", flawed("", "the policy is not a JSON object")
	}
	for _, r := range text {
		if r < ' ' || r > 'ÿ' || r == 0x7f {
			return "", flawed(`write it as \uXXXX`, "the policy has a character that STS does not take (U+%04X)", r)
		}
	}
	if n := len([]rune(text)); n > maxInlinePolicy {
		return "", flawed("put it into a managed policy and name that in policy_arns", "the policy has %d characters without white space, STS takes %d", n, maxInlinePolicy)
	}
	return text, nil
}
