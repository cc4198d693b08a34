package output

import (
	"encoding/json"
	"io"
	"strings"
)

// Terragrunt writes the answer of an auth-provider-cmd, in one write (Terragrunt's reference, "auth-provider-cmd"): it puts
// the envs into the environment of the unit, then the credentials over them, with an empty session token where there is none.
func Terragrunt(w io.Writer, k Keys, isSet func(name string) bool) error {
	var answer struct {
		Credentials struct {
			AccessKeyID     string `json:"ACCESS_KEY_ID"`
			SecretAccessKey string `json:"SECRET_ACCESS_KEY"`
			SessionToken    string `json:"SESSION_TOKEN,omitempty"`
		} `json:"awsCredentials"`
		Envs map[string]string `json:"envs,omitempty"`
	}
	list := k.assigned(isSet)
	if err := check(list, ""); err != nil {
		return err
	}
	answer.Envs = map[string]string{}
	for _, v := range list {
		switch v.name {
		case "AWS_ACCESS_KEY_ID":
			answer.Credentials.AccessKeyID = v.value
		case "AWS_SECRET_ACCESS_KEY":
			answer.Credentials.SecretAccessKey = v.value
		case "AWS_SESSION_TOKEN":
			answer.Credentials.SessionToken = v.value
		case "AWS_SECURITY_TOKEN": // Terragrunt sets it itself
		default:
			answer.Envs[v.name] = v.value
		}
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// GitHub writes the keys for the later steps of a job on GitHub Actions: what its log shall not show to log, which is stdout,
// and then the variables to file, which is what $GITHUB_ENV names; each in one write. delimiter must be a word that nobody can
// foresee: a value that held it would end there and the rest of it be variables of its own.
func GitHub(log, file io.Writer, delimiter string, k Keys, isSet func(name string) bool) error {
	list := k.assigned(isSet)
	if err := check(list, ""); err != nil {
		return err
	}
	var masks, text strings.Builder
	text.WriteString("\n") // whoever wrote before may have left a line open; empty ones are skipped
	for _, secret := range []string{k.Credentials.SecretAccessKey.Reveal(), k.Credentials.SessionToken.Reveal()} {
		if secret != "" {
			masks.WriteString("::add-mask::" + strings.ReplaceAll(secret, "%", "%25") + "\n")
		}
	}
	for _, v := range list {
		text.WriteString(v.name + "<<" + delimiter + "\n" + v.value + "\n" + delimiter + "\n")
	}
	if _, err := log.Write([]byte(masks.String())); err != nil {
		return err
	}
	_, err := file.Write([]byte(text.String()))
	return err
}
