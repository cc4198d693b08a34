package rolemap

// ask finds out what is being done, at most once.
func (t *Target) ask() {
	if t.Ask == nil {
		return
	}
	var operation Operation
	operation, t.Doing = t.Ask()
	t.Ask = nil
	if t.Operation == "" {
		t.Operation = operation
	}
}

// settle fills in what nobody has said: the weaker.
func (t *Target) settle() {
	if t.Operation == "" {
		t.Operation = Plan
	}
	if t.Subcommand != Apply {
		t.Subcommand = Plan
	}
}

// distinguishes tells whether the credentials depend on the operation.
func (e *environment) distinguishes() bool {
	for _, r := range []*roles{&e.Role, &e.PermissionSet} {
		if r.State.set() || r.Plan.set() && r.Plan.text != r.Apply.text {
			return true
		}
	}
	return e.variables().has(operationBit)
}
