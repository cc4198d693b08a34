package modules

import (
	"strings"
	"testing"
)

// What a provider assumes may stand where only Terragrunt puts it together.
func TestWhatGenerateWrites(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"a provider in a local":       {"locals {\n  q = <<EOF\n" + assumes + "EOF\n  p = local.q\n}\ngenerate \"provider\" {\n  contents = \"${local.p}\"\n}\n", "writes 12 provider  aws @terragrunt.hcl:3 eu-west-1 → terragrunt.hcl:6 a"},
		"a computed one in a local":   {"locals {\n  p = <<EOF\n" + strings.Replace(assumes, "iam::", "iam::${get_aws_account_id()}", 1) + "EOF\n}\ngenerate \"provider\" {\n  contents = local.p\n}\n", "writes 11 provider is computed"},
		"a local of itself":           {"locals {\n  p = \"${local.q}\"\n  q = \"${local.p}\"\n}\ngenerate \"provider\" {\n  contents = local.p\n}\n", "writes 5 provider"},
		"a disabled provider":         {"generate \"provider\" {\n  disable = true\n  contents = <<EOF\n" + assumes + "EOF\n}\n", "writes 1 provider"},
		"a provider that is enabled":  {"generate \"provider\" {\n  contents = <<EOF\n" + assumes + "EOF\n  disable = false\n}\n", "writes 1 provider  aws @terragrunt.hcl:3 eu-west-1 → terragrunt.hcl:6 a"},
		"a provider that may be":      {"generate \"provider\" {\n  disable = get_env(\"X\") == \"\"\n  contents = <<EOF\n" + assumes + "EOF\n}\n", "writes 1 provider counts or not: disable is computed"},
		"an attribute":                {"generate = {\n  provider = {\n    path = \"p.tf\"\n    contents = <<EOF\n" + assumes + "EOF\n  }\n}\n", "writes 1  is not known: it is an attribute"},
		"an attribute from elsewhere": {"generate = local.x\n", "writes 1  is not known: it is an attribute"},
		"an attribute with no role":   {"generate = {\n  x = {\n    contents = \"\"\n  }\n}\n# role_arn\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			u, note := NewParser().Unit("terragrunt.hcl", []byte(tt.text))
			if got := unitText(u); got != tt.want || note.Text != "" {
				t.Errorf("%s %v\nwant %s", got, note, tt.want)
			}
		})
	}
}

// Of two providers one must not be taken for all only because there are a hundred between them.
func TestOneProviderTooManyIsTold(t *testing.T) {
	plain := strings.Repeat("provider \"aws\" {\n  alias = \"x\"\n}\n", maxBlocks-1)
	other := strings.Replace(assumes, "{\n", "{\n  alias = \"b\"\n", 1)
	for name, tt := range map[string]struct{ text, want string }{
		"as many as are kept": {assumes + plain, "aws @main.tf:1 eu-west-1 → main.tf:4 a"},
		"one more":            {assumes + plain + other, "aws @main.tf:304 → main.tf:304  (304: a provider is one of too many)"},
		"many more":           {plain + plain + other, "aws @main.tf:595 → main.tf:595  (595: a provider is one of too many)"},
		"without a role":      {plain + plain, ""},
	} {
		m, _, _ := look(t, map[string]string{"main.tf": tt.text})
		got := told(m.Blocks)
		if first, _, many := strings.Cut(got, "\n"); many && len(m.Blocks) == maxBlocks {
			got = first
		}
		if got != tt.want {
			t.Errorf("%s: %s\nwant %s", name, got, tt.want)
		}
	}
}
