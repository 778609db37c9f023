# A cache that keeps what one token was given from everybody else.
vcl 4.1;

backend default {
    .host = "127.0.0.1";
    .port = "@ORIGIN0@";
}

sub vcl_hash {
    hash_data(req.http.X-Authorization);
}

sub vcl_backend_response {
    if (beresp.status == 200) {
        set beresp.ttl = 2s;
    }
}
