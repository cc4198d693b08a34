package terrateam

import "whichrole/internal/rolemap"

// reasons tell of each workflow up to the one that matches why it is not the one, or is.
func (c *Config) reasons(won *workflow, i *rolemap.Imported) []rolemap.Reason {
	asked := c.workflows
	if won != nil {
		asked = c.workflows[:won.index+1]
	}
	list := make([]rolemap.Reason, 0, len(asked)+1)
	for _, w := range asked {
		r := rolemap.Reason{Verdict: rolemap.NoMatch, Environment: w.name, Pattern: shorten(w.raw), Line: w.line, Text: "its tag_query does not match the tags of this directory"}
		if w == won {
			r.Verdict, r.Text = rolemap.Won, "the first workflow whose tag_query matches"
		}
		list = append(list, r)
	}
	if i != nil && i.Name == Hooks && (won == nil || !won.namesRole()) {
		r := rolemap.Reason{Verdict: rolemap.Won, Environment: Hooks, Line: i.Line, Text: "no workflow matches, but the hooks run everywhere"}
		if won != nil {
			list[won.index].Verdict, list[won.index].Text = rolemap.Lost, "the first workflow whose tag_query matches, but it has no oidc step of its own"
			r.Text = "the hooks run before its steps"
		}
		list = append(list, r)
	}
	return list
}
