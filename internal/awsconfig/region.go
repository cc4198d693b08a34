package awsconfig

import (
	"cmp"

	"whichrole/internal/partition"
	"whichrole/internal/paths"
)

// Region is that of the profile which AWS_PROFILE or AWS_DEFAULT_PROFILE names, else of one that calls whichrole, else of [default]:
// the one that SDKs have here where no variable says otherwise. "" for none, and for what is no region.
func (f *Files) Region(env paths.Env) string {
	names := []string{cmp.Or(env["AWS_PROFILE"], env["AWS_DEFAULT_PROFILE"])}
	for _, name := range f.Names() {
		p, _ := f.Profile(name)
		if line, _ := p.Get("credential_process"); CallsWhichrole(line.Text()) {
			names = append(names, name)
		}
	}
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
