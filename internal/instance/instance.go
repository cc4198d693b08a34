// Package instance gets the credentials of the machine or the container that this runs on: IMDSv2 and container endpoints.
package instance

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/netip"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// Kind is where the credentials come from, in the words of credential_source in the AWS config file.
type Kind string

// The kinds.
const (
	Any       Kind = "" // Container where one of its variables is set, else Machine
	Container Kind = "EcsContainer"
	Machine   Kind = "Ec2InstanceMetadata"
)

// patience is how long a visit may take in all (SPEC). What is there answers in milliseconds; elsewhere the address of the
// metadata service often swallows what is sent to it.
const patience = time.Second

// World is where and when the visit takes place. The hooks may be nil, which is the system's own.
type World struct {
	// Env names the endpoints: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_CONTAINER_CREDENTIALS_FULL_URI,
	// AWS_CONTAINER_AUTHORIZATION_TOKEN, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, AWS_EC2_METADATA_DISABLED,
	// AWS_EC2_METADATA_SERVICE_ENDPOINT and AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE. Those of proxies are not obeyed: these
	// services are beside us, and their answers are for nobody in between.
	Env paths.Env
	Now func() time.Time

	Roots  *x509.CertPool // whom a container endpoint with https may be certified by
	Dial   func(ctx context.Context, network, address string) (net.Conn, error)
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	Boot   func() (string, error) // what names this boot of this machine
}

// identity is what SPEC "Cache", Key, asks of an instance. Field order is part of it.
type identity struct {
	Kind     string `json:"kind"`
	From     Kind   `json:"from"`
	Endpoint string `json:"endpoint"`
	Boot     string `json:"boot,omitempty"`
	Digest   string `json:"digest,omitempty"`
}

// Identity is everything that decides whose credentials Get gives, as JSON, from variables and files alone: the endpoint,
// and for a machine the boot. A container is named by the whole URL (ECS has one for each task) and by its token (for EKS
// Pod Identity the URL is the same everywhere); either opens the door, so both are in it as a digest. Errors are those of Get.
func (w World) Identity(k Kind) (string, error) {
	p, err := w.place(k)
	if err != nil {
		return "", err
	}
	id := identity{Kind: "instance", From: p.kind, Endpoint: p.origin()}
	if p.kind == Machine {
		id.Endpoint += p.url.EscapedPath()
		if id.Boot, err = w.boot(); err != nil {
			return "", problem.New(problem.Failure, "this machine has neither a boot id nor a name").Because(err)
		}
	} else {
		token, err := w.authorization()
		if err != nil {
			return "", err
		}
		sum := sha256.Sum256([]byte(p.url.String() + "\n" + token.Reveal()))
		id.Digest = hex.EncodeToString(sum[:])
	}
	text, _ := json.Marshal(id) // strings can always be encoded
	return string(text), nil
}

// Get asks for the credentials and is back within a second. Expires is always set; AccountID is not, since what an endpoint
// says of it proves nothing.
//
// Errors are *problem.Error and hold no token: LoginNeeded where there is no such thing here, Unreachable where it gives
// nothing that can be used or not in time, Refused where it says no or hands out what is no good, Usage where a variable
// is wrong, Failure where ctx was cancelled.
func (w World) Get(ctx context.Context, k Kind) (creds.Credentials, error) {
	p, err := w.place(k)
	if err != nil {
		return creds.Credentials{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	v := w.visit(p)
	defer v.http.CloseIdleConnections()
	if p.kind == Machine {
		return v.machine(ctx)
	}
	return v.container(ctx)
}
