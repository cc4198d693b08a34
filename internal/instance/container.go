package instance

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"unicode"

	"whichrole/internal/creds"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const (
	tokenVariable     = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
	tokenFileVariable = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"

	maxTokenFile = 16 << 10 // bytes; a service account's token has 1 to 2 KiB
)

// container asks the endpoint that ECS, EKS or a program of the user's put into the variables.
func (v *visit) container(ctx context.Context) (creds.Credentials, error) {
	token, err := v.authorization()
	if err != nil {
		return creds.Credentials{}, err
	}
	header := map[string]string{"Accept": "application/json"}
	if !token.Empty() {
		header["Authorization"] = token.Reveal()
		v.secrets = append(v.secrets, token)
	}
	r, err := v.ask(ctx, http.MethodGet, v.url.String(), header)
	if err != nil {
		return creds.Credentials{}, err
	}
	if r.status != http.StatusOK {
		return creds.Credentials{}, v.no(r)
	}
	return v.check(r)
}

// authorization is the token that the endpoint is shown, empty where none is asked for. The file beats the variable and is
// read each time, because Kubernetes replaces it.
func (w World) authorization() (creds.Secret, error) {
	token, variable := w.Env[tokenVariable], tokenVariable
	if path := w.Env[tokenFileVariable]; path != "" {
		variable = tokenFileVariable
		if !filepath.IsAbs(path) { // what lies in the working directory is the repository's
			return creds.Secret{}, problem.New(problem.Usage, "%s is not an absolute path: %s", variable, path)
		}
		data, _, err := paths.ReadRegular(path, maxTokenFile)
		if err != nil {
			return creds.Secret{}, problem.New(problem.LoginNeeded, "the container's token cannot be read: %s: %v", path, paths.Cause(err)).
				WithHint("look at %s", variable).Because(err)
		}
		if token = string(data); token == "" {
			return creds.Secret{}, problem.New(problem.LoginNeeded, "the container's token is empty: %s", path).WithHint("look at %s", variable)
		}
	}
	if strings.ContainsFunc(token, unicode.IsControl) {
		return creds.Secret{}, problem.New(problem.Usage, "the token of %s holds a line break or another control character", variable).
			WithHint("the token must be all that there is, without a line break at its end")
	}
	return creds.NewSecret(token), nil
}
