package awsconfig

import (
	"cmp"

	"whichrole/internal/partition"
	"whichrole/internal/paths"
)

// Region is that of the profile which AWS_PROFILE or AWS_DEFAULT_PROFILE names, else of [default], as SDKs would take it where no
// variable says otherwise. "" for none, and for what is no region.
func (f *Files) Region(env paths.Env) string {
	for _, name := range []string{cmp.Or(env["AWS_PROFILE"], env["AWS_DEFAULT_PROFILE"]), "default"} {
		p, _ := f.Profile(name)
		if s, _ := p.Get("region"); s.Text() != "" {
			if !partition.IsRegion(s.Text()) {
				return ""
			}
			return s.Text()
		}
	}
	return ""
}
