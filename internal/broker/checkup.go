package broker

import (
	"cmp"
	"context"
	"errors"
	"time"

	"whichrole/internal/awsconfig"
	"whichrole/internal/keystore"
	"whichrole/internal/problem"
	"whichrole/internal/source"
	"whichrole/internal/transport"
	"whichrole/internal/userfile"
)

// User is what the user's file says, for log and doctor.
func (b *Broker) User() (userfile.Config, error) { return userfile.Read(b.Dirs.Config, b.Dirs.Home) }

// AWSFiles are the user's AWS files.
func (b *Broker) AWSFiles() (*awsconfig.Files, error) { return awsconfig.Load(b.Env, b.Dirs.Home) }

// StartingPoint is the source of the decision or, where there is none, that of a map which names no source.
func (b *Broker) StartingPoint(d *Decision, user userfile.Config) (First, error) {
	if d.Grant != nil {
		return b.Source(d)
	}
	return b.choose(&Decision{User: user}, entries(user.Sources))
}

// Keeps is where credentials are kept now, and which better stores are done without. The error is why nothing can be kept at
// all, of whatever kind; switched off is none.
func (b *Broker) Keeps(ctx context.Context, user userfile.Config) (store string, without []*keystore.Unavailable, err error) {
	choice, err := b.cacheChoice(user.Cache)
	if err != nil || choice == keystore.None {
		return string(choice), nil, err
	}
	opened, err := keystore.Open(choice, b.storeOptions())
	if err != nil {
		return "", nil, err
	}
	cache := b.metadata()
	cache.Store = opened
	err = cache.Probe(ctx)
	return opened.Name(), keystore.PassedOver(opened), err
}

// Reached is what came of one call to STS that carries no credentials.
type Reached struct {
	Host     string
	CABundle string        // the file of certificates that were trusted, "" for the system's
	Endpoint bool          // the user names the endpoint
	Ahead    time.Duration // of AWS's clock before ours, to the second; below zero where ours is ahead
	Clock    bool          // whether AWS said what time it is
}

// Reach asks STS what time it is, on the way of all calls: the same proxy, certificates and endpoint. That needs no credentials,
// and nothing is signed. first may be without a choice, where none can be made. What is known is there with an error, too.
func (b *Broker) Reach(ctx context.Context, d *Decision, first First) (Reached, error) {
	s := b.outward(d, first)
	reached := Reached{CABundle: s.CABundle, Endpoint: s.Endpoint != ""}
	host, err := b.client(s).Host(ctx)
	if err != nil {
		return reached, err
	}
	reached.Host = host
	way, err := transport.Open(transport.Settings{CABundle: s.CABundle, Env: b.Env})
	if err != nil {
		return reached, err
	}
	defer way.Close()
	before := b.Now()
	answer, err := way.Do(ctx, transport.Request{
		Method: "GET", URL: cmp.Or(s.Endpoint, "https://"+host) + "/", Header: map[string]string{"User-Agent": "whichrole/" + b.Version()},
	})
	if silence, ok := errors.AsType[*transport.Silence](err); ok {
		return reached, problem.New(problem.Unreachable, "%s", silence.What).WithHint("%s", silence.Hint).Because(err)
	}
	if err != nil {
		return reached, err
	}
	date, err := time.Parse("Mon, 02 Jan 2006 15:04:05 GMT", answer.Header.Get("Date")) // http.TimeFormat
	if reached.Clock = err == nil; reached.Clock {
		after := b.Now()
		ours := before.Add(after.Sub(before) / 2)
		reached.Ahead = date.Add(time.Second / 2).Sub(ours).Round(time.Second)
	}
	return reached, nil
}

// outward is how STS is asked, as far as it is known.
func (b *Broker) outward(d *Decision, first First) session {
	c := first.Choice
	if c == nil {
		c = &source.Choice{Settings: source.Settings{STSEndpoint: b.Env["AWS_ENDPOINT_URL_STS"], CABundle: b.Env["AWS_CA_BUNDLE"]}}
	}
	if g := d.Grant; g != nil {
		return b.sts(g.Partition, cmp.Or(g.Region, g.DefaultRegion), c)
	}
	return b.sts("aws", "", c)
}
