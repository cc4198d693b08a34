package child

// passOn has nothing to do: the job object ends with us.
func passOn(func()) (done func()) { return func() {} }
