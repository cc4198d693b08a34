package instance

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"whichrole/internal/problem"
)

const (
	relativeURI  = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
	fullURI      = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
	imdsEndpoint = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
	imdsMode     = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"
	imdsDisabled = "AWS_EC2_METADATA_DISABLED"

	ecsOrigin = "http://169.254.170.2"
	imdsIPv4  = "http://169.254.169.254"
	imdsIPv6  = "http://[fd00:ec2::254]"
)

// place is whom to ask.
type place struct {
	kind     Kind     // Container or Machine
	url      *url.URL // of the answer itself, or of the top of the metadata service
	variable string   // that named it, "" where none did
	beside   bool     // nothing but addresses of this machine and of AWS's container services may be connected to
}

// origin leaves out what may be secret: the path of a container endpoint names the task, and who knows it gets the keys.
func (p place) origin() string { return p.url.Scheme + "://" + p.url.Host }

// place looks at variables alone. Relative comes before full, and both before the machine, as in the SDKs.
func (w World) place(k Kind) (place, error) {
	switch k {
	case Any:
		if w.Env[relativeURI] == "" && w.Env[fullURI] == "" {
			return w.machinePlace()
		}
		return w.containerPlace()
	case Container:
		return w.containerPlace()
	case Machine:
		return w.machinePlace()
	}
	return place{}, problem.New(problem.Usage, "%q is neither %s nor %s", string(k), Container, Machine)
}

func (w World) containerPlace() (place, error) {
	if path := w.Env[relativeURI]; path != "" {
		u, err := url.Parse(ecsOrigin + path)
		if err != nil || path[0] != '/' { // without the slash the path would become a part of the host
			return place{}, problem.New(problem.Usage, "%s does not begin with / or is no path of a URL", relativeURI)
		}
		return place{kind: Container, url: u, variable: relativeURI, beside: true}, nil
	}
	if w.Env[fullURI] == "" {
		return place{}, problem.New(problem.LoginNeeded, "this is no container with credentials: neither %s nor %s is set", relativeURI, fullURI).
			WithHint("give the ECS task a role, or the pod's service account an EKS Pod Identity association")
	}
	u, ok := parse(w.Env[fullURI])
	if !ok {
		return place{}, notURL(fullURI)
	}
	p := place{kind: Container, url: u, variable: fullURI, beside: u.Scheme == "http"}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && p.beside && !isBeside(ip) {
		return place{}, p.elsewhere()
	}
	return p, nil
}

// machinePlace takes an endpoint as it is: it is the user's word, and nothing that is sent there is secret.
func (w World) machinePlace() (place, error) {
	if strings.EqualFold(w.Env[imdsDisabled], "true") {
		return place{}, problem.New(problem.LoginNeeded, "the instance metadata service is turned off by %s", imdsDisabled).WithHint("unset %s", imdsDisabled)
	}
	if endpoint := w.Env[imdsEndpoint]; endpoint != "" {
		u, ok := parse(strings.TrimRight(endpoint, "/"))
		if !ok || u.User != nil || strings.ContainsAny(endpoint, "?#") { // paths are put behind it
			return place{}, notURL(imdsEndpoint)
		}
		return place{kind: Machine, url: u, variable: imdsEndpoint}, nil
	}
	origin := imdsIPv4
	switch mode := strings.TrimSpace(w.Env[imdsMode]); {
	case strings.EqualFold(mode, "IPv6"):
		origin = imdsIPv6
	case mode != "" && !strings.EqualFold(mode, "IPv4"):
		return place{}, problem.New(problem.Usage, "%s must be IPv4 or IPv6", imdsMode)
	}
	u, _ := parse(origin) // a constant
	return place{kind: Machine, url: u}, nil
}

func parse(text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, false
	}
	return u, true
}

// notURL does not quote the variable: it may hold a password.
func notURL(variable string) error {
	return problem.New(problem.Usage, "%s is not an http or https URL", variable)
}

// isBeside tells whether an address may be asked over plain HTTP: this machine's, and those of ECS and EKS Pod Identity. It
// is the rule of the AWS SDKs (config/resolve_credentials.go in the one for Go v2).
func isBeside(ip netip.Addr) bool {
	ip = ip.Unmap()
	return ip.IsLoopback() || slices.Contains([]netip.Addr{
		netip.AddrFrom4([4]byte{169, 254, 170, 2}),
		netip.AddrFrom4([4]byte{169, 254, 170, 23}),
		netip.AddrFrom16([16]byte{0: 0xfd, 2: 0x0e, 3: 0xc2, 15: 0x23}),
	}, ip)
}

func (p place) elsewhere() *problem.Error {
	return problem.New(problem.Usage, "%s: %s is not on this machine, and neither ECS nor EKS: over plain http the keys would be anybody's", p.variable, p.url.Host).
		WithHint("%s must begin with https://", p.variable)
}

// Variables are the names of those that say where a container's credentials are.
func Variables() []string {
	return []string{relativeURI, fullURI, tokenVariable, tokenFileVariable}
}
