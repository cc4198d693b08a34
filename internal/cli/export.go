package cli

import (
	"crypto/rand"
	"os"

	"whichrole/internal/broker"
	"whichrole/internal/output"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/prompt"
)

type exportCmd struct {
	Format string `default:"env" placeholder:"FORMAT" enum:"env,env-no-export,fish,powershell,windows-cmd,process,terragrunt,github" help:"env (for POSIX shells, the default), env-no-export, fish, powershell or windows-cmd: commands for a shell; process: the JSON of credential-process; terragrunt: the JSON of its auth-provider-cmd; github: for the later steps of a job on GitHub Actions, masked in its log."`
}

// paste is how the commands of a format get into the shell that they are for; "" for what is no shell's.
func (c *exportCmd) paste() string {
	switch c.Format {
	case "env":
		return `eval "$(whichrole export)"`
	case "fish":
		return "whichrole export --format fish | source"
	case "powershell":
		return "whichrole export --format powershell | Invoke-Expression"
	case "windows-cmd":
		return `for /f "delims=" %i in ('whichrole export --format windows-cmd') do @%i`
	}
	return ""
}

// Run asks nobody for a login: what it prints is read by a program, in scripts as often as not.
func (c *exportCmd) Run(a *app) error {
	request, err := a.request()
	if err != nil {
		return err
	}
	request.By = "export"
	if c.Format == "github" {
		return a.exportToJob(request)
	}
	keys, err := a.keys(request)
	if err != nil {
		return err
	}
	switch c.Format {
	case "process":
		return output.Process(a.stdout, keys.Credentials, keys.Expiration)
	case "terragrunt":
		return output.Terragrunt(a.stdout, keys, a.isSet)
	}
	if err := output.Shell(a.stdout, c.Format, keys, a.isSet); err != nil {
		return err
	}
	if out, ok := a.stdout.(*checked); ok && c.paste() != "" && prompt.IsTerminal(out.w) {
		line(a.stderr, "whichrole: these commands are for your shell to read: %s", c.paste())
	}
	return nil
}

// keys are handed out for a request.
func (a *app) keys(request broker.Request) (output.Keys, error) {
	handed, err := a.handOut(request, false)
	if err != nil {
		return output.Keys{}, err
	}
	keys := output.Keys{Credentials: handed.Credentials, Expiration: handed.Expiration, Region: handed.Decision.Grant.Region}
	if !a.isSet("AWS_REGION") && !a.isSet("AWS_DEFAULT_REGION") {
		keys.Region = a.region(handed) // with keys in variables no profile names it any more
	}
	return keys, nil
}

func (a *app) isSet(name string) bool { return a.env[name] != "" }

// exportToJob appends to the file that GitHub's runner reads when this step has ended.
func (a *app) exportToJob(request broker.Request) error {
	file, err := openJobFile(a.env["GITHUB_ENV"])
	if err != nil {
		return err
	}
	defer file.Close()
	keys, err := a.keys(request)
	if err != nil {
		return err
	}
	err = output.GitHub(a.stdout, file, "whichrole_"+rand.Text(), keys, a.isSet)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return problem.New(problem.Failure, "cannot export to the steps of this job: %v", paths.Cause(err)).Because(err)
	}
	if profile := a.env["AWS_PROFILE"]; profile != "" { // no step can take it from the later ones
		line(a.stderr, "whichrole: AWS_PROFILE=%s stays set for the later steps, and the AWS SDK for JavaScript obeys it before these keys", profile)
	}
	return nil
}

// openJobFile opens what $GITHUB_ENV names, which the runner has made.
func openJobFile(path string) (*os.File, error) {
	if path == "" {
		return nil, problem.New(problem.Usage, "--format github is for a step of GitHub Actions: GITHUB_ENV is not set").WithHint(`elsewhere: eval "$(whichrole export)"`)
	}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = paths.ErrNotRegular
	}
	if err == nil {
		file, failure := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if failure == nil {
			return file, nil
		}
		err = failure
	}
	return nil, problem.New(problem.Failure, "cannot append to GITHUB_ENV=%s: %v", path, paths.Cause(err)).Because(err)
}
