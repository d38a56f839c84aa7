package mailbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"time"

	"delist/steps"
)

const (
	// callTimeout bounds one call, from dialling to the last byte.
	callTimeout = 15 * time.Second
	// maxAnswer bounds the body of an answer, in bytes. Those that delist asks for have a few hundred.
	maxAnswer = 1 << 20
)

// client speaks to SmarterMail's REST API, one call at a time, without knowing what the calls are for.
type client struct {
	base    *url.URL
	http    *http.Client
	timeout time.Duration
	hide    steps.Secret // the administrator's password, which no error may show
}

func newClient(base *url.URL, transport http.RoundTripper, timeout time.Duration, hide steps.Secret) *client {
	if timeout <= 0 {
		timeout = callTimeout
	}
	return &client{base: base, timeout: timeout, hide: hide, http: &http.Client{
		Transport: transport,
		// A redirect is never followed: the body has a password in it.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// directTransport dials the server itself, never a proxy, which would see the password. Connections are not kept, since
// the server comes and goes.
func directTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  nil,
		DisableKeepAlives:      true,
		TLSHandshakeTimeout:    callTimeout,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// request is one call of the API.
type request struct {
	method string
	path   []string       // below /api/v1/, each part not yet escaped
	body   map[string]any // nil for a GET
	token  steps.Secret   // the bearer token, if any
	domain string         // the domain an administrator's token speaks for (X-SmarterMailDomain), if any
	hide   []steps.Secret // what no error may show, besides the token and the administrator's password
}

func (r request) String() string { return r.method + " " + pathOf(r.path) }

func pathOf(parts []string) string {
	var b bytes.Buffer
	for i, p := range parts {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(url.PathEscape(p))
	}
	return b.String()
}

// verdict is what every answer of the API says about itself. HTTP 200 can be a failure.
type verdict struct {
	Success    *bool           `json:"success"`
	ResultCode json.RawMessage `json:"resultCode"` // a number; taken as it comes
	Message    string          `json:"message"`
}

// call makes a request and reads the answer into into, which may be nil. It returns nil only when the API says that it
// succeeded.
func (c *client) call(ctx context.Context, r request, into any) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	r.hide = append(slices.Clone(r.hide), r.token, c.hide)
	req, err := c.newRequest(ctx, r)
	if err != nil {
		return err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return c.notReached(ctx, r, err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 && res.StatusCode < 400 {
		return c.redirected(r, res.Header.Get("Location"))
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return c.brokeOff(ctx, r, err)
	}
	if len(b) > maxAnswer {
		return fmt.Errorf("%s answered %s with more than %d bytes: %w; is --api the address of SmarterMail itself?",
			c.base, r, maxAnswer, ErrNotAPI)
	}
	return c.judge(r, res, b, into)
}

func (c *client) newRequest(ctx context.Context, r request) (*http.Request, error) {
	var body io.Reader
	if r.body != nil {
		b, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("the request %s does not fit JSON", r)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, c.base.String()+"/api/v1/"+pathOf(r.path), body)
	if err != nil {
		return nil, fmt.Errorf("write the request %s: %w", r, err)
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if !r.token.Empty() {
		req.Header.Set("Authorization", "Bearer "+r.token.Reveal())
	}
	if r.domain != "" {
		req.Header.Set("X-SmarterMailDomain", r.domain)
	}
	return req, nil
}

// judge says what an answer means.
func (c *client) judge(r request, res *http.Response, b []byte, into any) error {
	var v verdict
	b = bytes.TrimPrefix(bytes.TrimSpace(b), []byte("\ufeff"))
	isJSON := len(b) > 0 && b[0] == '{' && json.Unmarshal(b, &v) == nil
	if res.StatusCode == http.StatusOK && isJSON && v.Success != nil && *v.Success {
		if into != nil && json.Unmarshal(b, into) != nil {
			return fmt.Errorf("SmarterMail's answer to %s has another form than known: %w; do this by hand", r, ErrNotAPI)
		}
		return nil
	}
	e := &apiError{call: r.String(), status: res.StatusCode, spoke: isJSON && (v.Success != nil || v.Message != "")}
	if isJSON {
		e.code = r.safe(string(v.ResultCode), 20)
		e.message = r.safe(v.Message, 200)
	}
	if media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); media == "text/html" || len(b) > 0 && b[0] == '<' {
		e.page = true
	}
	return e
}
