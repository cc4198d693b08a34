package instance

import "os"

// boot names this boot of this machine, and where the system does not count them the machine.
func (w World) boot() (string, error) {
	if w.Boot != nil {
		return w.Boot()
	}
	if id := bootID(); id != "" {
		return id, nil
	}
	return os.Hostname()
}
