package broker

import (
	"context"
	"path/filepath"

	"whichrole/internal/lint"
	"whichrole/internal/modules"
	"whichrole/internal/rolemap"
)

// Checked is what is wrong with a map, as far as that can be known without AWS.
type Checked struct {
	Decision     *Decision // as far as the map, which is nil where it is not valid
	Findings     []rolemap.Finding
	Environments int
	Modules      int

	found *modules.Found
}

// Check holds the map of the request's directory against the root modules of its repository, all of them, whether it is
// trusted or not. The files of the findings are absolute. progress is told how many directories were looked at; it may be
// nil. A map that is not valid is no error but findings, unless it cannot be read at all.
func (b *Broker) Check(ctx context.Context, r Request, progress func(dirs int)) (*Checked, error) {
	d, err := b.examined(r)
	if mistakes := rolemap.Mistakes(err); len(mistakes) > 0 {
		return &Checked{Decision: d, Findings: mistakes}, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := b.modules(ctx, d, progress)
	if err != nil {
		return nil, err
	}
	c := &Checked{Decision: d, Environments: len(d.Map.EnvironmentNames()), Modules: len(found.Modules), found: found}
	c.Findings = lint.Check(d.Map, found)
	for i, f := range c.Findings {
		if !filepath.IsAbs(f.File) {
			c.Findings[i].File = filepath.Join(d.File.Root, filepath.FromSlash(f.File))
		}
	}
	return c, nil
}
