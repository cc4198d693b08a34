package terraform

import "whichrole/internal/problem"

// What Terraform is about to do, as the role map and --operation call it.
const (
	Plan  = "plan"  // reads
	Apply = "apply" // writes
	State = "state" // reaches the state backend
)

// ParseOperation is the operation called s. Any other word is a problem of code Usage that names the nearest right one.
func ParseOperation(s string) (string, error) {
	operations := []string{Plan, Apply, State}
	for _, o := range operations {
		if s == o {
			return o, nil
		}
	}
	err := problem.New(problem.Usage, "unknown operation %q", s)
	if near := problem.Nearest(s, operations); near != "" {
		return "", err.WithHint("did you mean %s?", near)
	}
	return "", err.WithHint("the operations are plan, apply and state")
}
