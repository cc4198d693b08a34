package launch

import (
	"errors"
	"io/fs"
	"os"

	"whichrole/internal/awsconfig"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const maxConfig = 1 << 20 // bytes: what awsconfig reads

// configWith is the user's config file, byte by byte, with our profile at its end. One of that name that is there already is
// left out: the file is such a copy where exec runs within exec.
func configWith(files *awsconfig.Files, call, region string) (string, error) {
	if s, ok := files.Shared(Profile); ok {
		return "", problem.New(problem.Failure, "%s: [%s] there would be used instead of the profile of that name that exec makes", s, Profile).
			WithHint("rename or remove that section")
	}
	text, err := original(files.ConfigPath)
	if err != nil {
		return "", err
	}
	text, err = changed(files.ConfigPath, text, func(d *awsconfig.Draft) error { _, err := d.Remove(Profile); return err })
	if err != nil {
		return "", err
	}
	settings := []awsconfig.Pair{{Key: "credential_process", Value: call}}
	if region != "" {
		settings = append(settings, awsconfig.Pair{Key: "region", Value: region})
	}
	return changed(files.ConfigPath, text, func(d *awsconfig.Draft) error { return d.Set(Profile, settings...) })
}

func changed(path, text string, change func(*awsconfig.Draft) error) (string, error) {
	d, err := awsconfig.NewDraft(path, text)
	if err == nil {
		err = change(d)
	}
	if err != nil {
		return "", err
	}
	return d.Text()
}

// original is the text of the file that awsconfig.Load has understood. It is read again: what changed in between is understood
// again, by the Draft.
func original(path string) (string, error) {
	if path == "" || path == os.DevNull {
		return "", nil
	}
	data, _, err := paths.ReadRegular(path, maxConfig)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", problem.New(problem.Failure, "cannot read the AWS file %s: %v", path, paths.Cause(err)).Because(err)
	}
	return string(data), nil
}
