package modules

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// plant makes directories of a monorepo: team/service/environment, the first of each thousand with modules of its own.
func plant(tb testing.TB, n, modules int) string {
	tb.Helper()
	top := tb.TempDir()
	write(tb, top, ".gitignore", ".terraform/\n*.tfstate\n*.tfstate.*\ncrash.log\n*.tfvars\n**/.terraform/*\noverride.tf\n*_override.tf\n.idea\n/build\n*.py[cod]\n")
	for i := range n {
		dir := fmt.Sprintf("team%02d/service%03d/env%02d", i/1000, i/20%50, i%20)
		write(tb, top, dir+"/main.tf", "module \"vpc\" {\n  source = \"../../../modules/vpc\"\n  cidr   = var.cidr\n}\n\nresource \"aws_s3_bucket\" \"this\" {\n  bucket   = \"x\"\n  provider = aws.east\n}\n")
		write(tb, top, dir+"/versions.tf", "terraform {\n  required_version = \">= 1.5\"\n  required_providers {\n    aws = {\n      source  = \"hashicorp/aws\"\n      version = \"~> 5.0\"\n    }\n  }\n}\n")
		if i < modules {
			write(tb, top, dir+"/backend.tf", fmt.Sprintf("terraform {\n  backend \"s3\" {\n    bucket = \"state\"\n    key    = \"%s/terraform.tfstate\"\n    region = \"eu-west-1\"\n  }\n}\n\nprovider \"aws\" {\n  region = \"eu-west-1\"\n\n  default_tags {\n    tags = {\n      team = \"a\"\n    }\n  }\n}\n", dir))
		}
	}
	return top
}

func write(tb testing.TB, top, name, text string) {
	tb.Helper()
	file := filepath.Join(top, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
}

func BenchmarkFind(b *testing.B) {
	for _, modules := range []int{1000, 20000} {
		b.Run(fmt.Sprintf("%d of 20000 directories", modules), func(b *testing.B) {
			top := plant(b, 20000, modules)
			for b.Loop() {
				start := time.Now()
				found, err := Find(context.Background(), Search{Root: top, Top: top})
				if err != nil || len(found.Modules) != modules || len(found.Notes) > 0 {
					b.Fatal(err, len(found.Modules), found.Notes)
				}
				b.Logf("%d directories, %d modules: %v", found.Dirs, len(found.Modules), time.Since(start))
			}
		})
	}
}
