package awsconfig

import (
	"cmp"

	"whichrole/internal/partition"
	"whichrole/internal/paths"
)

// Region is that of the profile which AWS_PROFILE or AWS_DEFAULT_PROFILE names, else of one that calls whichrole, else of [default]:
// the one that SDKs have here where no variable says otherwise. "" for none, and for what is no region.
func (f *Files) Region(env paths.Env) string {
	names := append([]string{cmp.Or(env["AWS_PROFILE"], env["AWS_DEFAULT_PROFILE"])}, f.callers()...)
	for _, name := range append(names, "default") {
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
