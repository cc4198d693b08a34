package fakeissuer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// agent is what buildkite-agent does when it is asked for a token: it wants the job's own access token, talks on stderr and
// prints the token. The tokens are signed beforehand.
const agent = `#!/bin/sh
echo "agent: asked for $*" >&2
fail() { echo "fatal: $1" >&2; exit 1; }
[ "$1 $2" = "oidc request-token" ] || fail "no such command"
shift 2
audience=
while [ $# -gt 0 ]; do
  case $1 in
    --audience) audience=$2; shift 2 || fail "--audience needs a value" ;;
    --audience=*) audience=${1#--audience=}; shift ;;
    *) fail "no such flag: $1" ;;
  esac
done
[ "$BUILDKITE_AGENT_ACCESS_TOKEN" = '@BEARER@' ] && [ -n "$BUILDKITE_JOB_ID" ] || fail "401 Unauthorized"
case $audience in
@CASES@  *) fail "403 Forbidden" ;;
esac
`

// WriteAgent writes a buildkite-agent into dir, which a job has on its PATH. It has tokens for these audiences, of which ""
// is the one that Buildkite chooses where none is asked for. There is none for Windows: a shell runs it.
func (i *Issuer) WriteAgent(dir string, audiences ...string) error {
	if runtime.GOOS == "windows" {
		return errors.New("fakeissuer: the buildkite-agent is a shell script")
	}
	var cases strings.Builder
	for _, audience := range audiences {
		aud := audience
		if aud == "" {
			aud = "https://buildkite.com/acme"
		}
		quoted := "'" + strings.ReplaceAll(audience, "'", `'\''`) + "'"
		fmt.Fprintf(&cases, "  %s) echo %s ;;\n", quoted, i.token(Buildkite, Claims{"aud": aud}))
	}
	script := strings.NewReplacer("@BEARER@", i.bearer[Buildkite], "@CASES@", cases.String()).Replace(agent)
	return os.WriteFile(filepath.Join(dir, "buildkite-agent"), []byte(script), 0o700)
}

// EKS mounts a service account's token in dir, as the kubelet does: dir/token is a link to ..data/token, and ..data one to a
// directory that is replaced when the token is renewed, which calling it again does. It gives the variables of the container.
func (i *Issuer) EKS(dir string) (map[string]string, error) {
	token := i.token(EKS, Claims{"exp": i.now().Add(24 * time.Hour)})
	file := filepath.Join(dir, "token")
	env := map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": file, "AWS_ROLE_ARN": "arn:aws:iam::111111111111:role/pod",
		"AWS_STS_REGIONAL_ENDPOINTS": "regional"}
	if runtime.GOOS == "windows" { // where links need a privilege
		return env, os.WriteFile(file, []byte(token), 0o600)
	}
	version, err := os.MkdirTemp(dir, "..v")
	if err != nil {
		return nil, err
	}
	next := filepath.Join(dir, "..data_tmp")
	err = errors.Join(
		os.WriteFile(filepath.Join(version, "token"), []byte(token), 0o640),
		os.Symlink(filepath.Base(version), next))
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "..data")
	old, _ := os.Readlink(data)
	if err := os.Rename(next, data); err != nil {
		return nil, err
	}
	if old != "" {
		os.RemoveAll(filepath.Join(dir, old))
	}
	if err := os.Symlink(filepath.Join("..data", "token"), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return env, nil
}
