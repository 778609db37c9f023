"""All stacks, with how they start and the mistakes that are made with them."""

from __future__ import annotations

import sys

from foreign import postgresql
from foreign.stack import Database, Mistake, Stack

_MODULE = (sys.executable, "-m")
_NGINX = ("nginx", "-p", "@FOLDER@", "-c", "nginx.conf")
_GUNICORN = ("gunicorn", "--threads", "8", "--bind", "127.0.0.1:@PORT@")
_JARS = "/usr/share/java"
# A server that lives for seconds is not worth optimising.
_JAVA = ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp")


def _ids(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _class_path(*jars: str) -> str:
    return ":".join(["@FOLDER@", *(f"{_JARS}/{jar}.jar" for jar in jars)])


_JACKSON = ("jackson-annotations", "jackson-core", "jackson-databind")
_TOMCAT = _class_path(
    *(f"tomcat10-{part}" for part in ("annotations-api", "api", "catalina", "coyote", "el-api")),
    *(f"tomcat10-{part}" for part in ("jaspic-api", "jni", "juli", "servlet-api", "util")),
    *("tomcat10-util-scan", *_JACKSON),
)
_SPRING = _class_path(
    *(f"jetty9-{part}" for part in ("http", "io", "security", "server", "servlet", "util")),
    *("jetty9-util-ajax", "servlet-api", "commons-logging", *_JACKSON),
    # Debian names Spring 4.3 so.
    *(f"spring3-{part}" for part in ("aop", "beans", "context", "core", "expression", "web")),
    "spring3-web.servlet",
)

FASTAPI = Stack(
    name="fastapi",
    folder="fastapi",
    start=(*_MODULE, "uvicorn", "main:app", "--host", "127.0.0.1", "--port", "@PORT@"),
    mistakes=(
        Mistake(
            name="null-description",
            file="main.py",
            old=", response_model_exclude_none=True",
            new="",
            blamed=_ids("SHAPE-04"),
        ),
        Mistake(
            name="models-in-response",
            file="main.py",
            old="list[Provider]",
            new="list[ProviderInDB]",
            blamed=_ids("MODEL-02"),
        ),
        Mistake(
            name="signature-not-verified",
            file="main.py",
            old="algorithms=[ALGORITHM])",
            new='algorithms=[ALGORITHM], options={"verify_signature": False})',
            blamed=_ids("AUTH-04"),
        ),
    ),
)
FLASK = Stack(
    name="flask",
    folder="flask",
    start=(*_MODULE, *_GUNICORN, "app:app"),
    database=Database.SQLITE,
    mistakes=(
        Mistake(
            name="truthy-false",
            file="app.py",
            old='request.args.get("activeOnly", "true").lower() != "false":\n'
            '        query += " AND provider.enabled"',
            new='request.args.get("activeOnly", default=True, type=bool):\n'
            '        query += " AND provider.enabled"',
            blamed=_ids("FILTER-07"),
        ),
        Mistake(
            name="like-for-equals",
            file="app.py",
            old="category = ?",
            new="category LIKE ?",
            blamed=_ids("FILTER-03"),
        ),
        Mistake(
            name="count-multiplied-by-join",
            file="app.py",
            old="LEFT JOIN model ON model.provider_id = provider.id",
            new="LEFT JOIN model ON model.provider_id = provider.id\n"
            "        LEFT JOIN tag ON tag.provider_id = provider.id",
            blamed=_ids("MODEL-06"),
        ),
    ),
)
DJANGO = Stack(
    name="django-rest-framework",
    folder="django",
    start=(*_MODULE, *_GUNICORN, "wsgi"),
    needs=(postgresql.program("initdb"),),
    packages=("postgresql",),
    database=Database.POSTGRESQL,
    mistakes=(
        Mistake(
            name="pages",
            file="settings.py",
            old="REST_FRAMEWORK = {",
            new='REST_FRAMEWORK = {\n    "DEFAULT_PAGINATION_CLASS":'
            ' "rest_framework.pagination.PageNumberPagination",\n    "PAGE_SIZE": 10,',
            blamed=_ids("SHAPE-01"),
        ),
        Mistake(
            name="contains-for-equals",
            file="listing/views.py",
            old="filter(category=",
            new="filter(category__icontains=",
            blamed=_ids("FILTER-03"),
            besides=_ids("ROBUST"),
        ),
        Mistake(
            name="default-manager-hides-inactive",
            file="listing/models.py",
            old="    name = models.TextField(unique=True)\n",
            new="    name = models.TextField(unique=True)\n    objects = ActiveManager()\n",
            undecided=_ids("FILTER-04 FILTER-05 FILTER-06 FILTER-07 FILTER-08"),
        ),
    ),
)
EXPRESS = Stack(
    name="express",
    folder="express",
    start=("node", "server.js"),
    mistakes=(
        Mistake(
            name="truthy-false",
            file="server.js",
            old='activeOnly === "false" || provider.enabled',
            new="!activeOnly || provider.enabled",
            blamed=_ids("FILTER-07"),
        ),
        Mistake(
            name="repeated-parameter-is-an-array",
            file="server.js",
            old="provider.category === category)",
            new="provider.category === category.toUpperCase())",
            blamed=_ids("ROBUST-01 ROBUST-02"),
        ),
        Mistake(
            name="exact-path-before-a-lenient-router",
            file="server.js",
            old='app.use("/api/integrations", requireToken);',
            new='app.use((req, res, next) => (req.path === "/api/integrations/provider"'
            " ? requireToken(req, res, next) : next()));",
            blamed=_ids("AUTH-06"),
        ),
    ),
)
FASTIFY = Stack(
    name="fastify",
    folder="fastify",
    start=("node", "server.js"),
    mistakes=(
        Mistake(
            name="no-default",
            file="server.js",
            old='type: "boolean", default: true',
            new='type: "boolean"',
            blamed=_ids("FILTER-06"),
        ),
        Mistake(
            name="serialised-as-string",
            file="server.js",
            old='enabled: { type: "boolean" }',
            new='enabled: { type: "string" }',
            blamed=_ids("SHAPE-03"),
        ),
        # What the plug-in responds by itself.
        Mistake(
            name="missing-token-is-a-bad-request",
            file="server.js",
            old='reply.code(401).send({ status: 401, message: "A valid token is required" })',
            new="reply.send(error)",
            blamed=_ids("AUTH-01"),
        ),
    ),
)
GO = Stack(
    name="go",
    folder="go",
    build=("go", "build", "-o", "listing", "main.go"),
    start=("./listing",),
    needs=("go",),
    packages=("golang-go",),
    mistakes=(
        Mistake(
            name="nil-slice",
            file="main.go",
            old="found := []Provider{}",
            new="var found []Provider",
            blamed=_ids("HTTP-05"),
            besides=_ids("SHAPE"),
        ),
        Mistake(
            name="omits-zero",
            file="main.go",
            old='json:"modelsCount"',
            new='json:"modelsCount,omitempty"',
            blamed=_ids("SHAPE-02"),
        ),
    ),
)
PHP = Stack(
    name="php",
    folder="php",
    start=("php", "-S", "127.0.0.1:@PORT@", "index.php"),
    needs=("php",),
    packages=("php-cli", "php-sqlite3"),
    database=Database.SQLITE,
    mistakes=(
        Mistake(
            name="empty-object-as-array",
            file="index.php",
            old="json_decode($row['configuration'])",
            new="json_decode($row['configuration'], true)",
            blamed=_ids("SHAPE-03"),
        ),
        Mistake(
            name="head-outside-the-check",
            file="index.php",
            old="if (!accepted(",
            new="if ($_SERVER['REQUEST_METHOD'] === 'GET' && !accepted(",
            blamed=_ids("AUTH-05"),
        ),
    ),
)
TOMCAT = Stack(
    name="tomcat",
    folder="tomcat",
    build=("javac", "-nowarn", "-cp", _TOMCAT, "-d", "@FOLDER@", "Main.java"),
    start=(*_JAVA, _TOMCAT, "Main"),
    needs=("javac", f"{_JARS}/tomcat10-catalina.jar", f"{_JARS}/jackson-databind.jar"),
    packages=("default-jdk-headless", "libtomcat10-java", "libjackson2-databind-java"),
    mistakes=(
        Mistake(
            name="platform-charset",
            file="Main.java",
            old='response.setCharacterEncoding("UTF-8");\n'
            "        JSON.writeValue(response.getOutputStream(), value);",
            new="response.getWriter().write(JSON.writeValueAsString(value));",
            blamed=_ids("HTTP-02"),
        ),
        Mistake(
            name="stack-trace-in-error-page",
            file="Main.java",
            old="errors.setShowReport(false);",
            new="",
            blamed=_ids("ROBUST-02"),
        ),
        Mistake(
            name="filter-of-get-only",
            file="Main.java",
            old="if (token == null ||",
            new='if (((HttpServletRequest) request).getMethod().equals("GET") && token == null ||',
            blamed=_ids("AUTH-05"),
        ),
    ),
)
SPRING = Stack(
    name="spring",
    folder="spring",
    # Spring 4.3 reads no newer classes.
    build=(
        *("javac", "-nowarn", "-parameters", "--release", "8"),
        *("-cp", _SPRING, "-d", "@FOLDER@", "Main.java"),
    ),
    start=(*_JAVA, _SPRING, "Main"),
    needs=(
        *("javac", f"{_JARS}/jetty9-server.jar", f"{_JARS}/spring3-web.servlet.jar"),
        f"{_JARS}/jackson-databind.jar",
    ),
    packages=(
        *("default-jdk-headless", "libjetty9-java", "libspring-web-servlet-java"),
        "libjackson2-databind-java",
    ),
    mistakes=(
        Mistake(
            name="interceptor-of-one-spelling",
            file="WEB-INF/dispatcher-servlet.xml",
            old='"/api/integrations/**"',
            new='"/api/integrations/provider"',
            blamed=_ids("AUTH-06"),
        ),
        Mistake(
            name="non-default-only",
            file="Main.java",
            old="@JsonInclude(JsonInclude.Include.NON_NULL)\n    public static class Provider",
            new="@JsonInclude(JsonInclude.Include.NON_DEFAULT)\n    public static class Provider",
            blamed=_ids("SHAPE-02"),
        ),
        Mistake(
            name="entity-in-response",
            file="Main.java",
            old=".map(Provider::new)",
            new=".map(one -> (Provider) one)",
            blamed=_ids("MODEL-02"),
            besides=_ids("SHAPE"),
        ),
    ),
)
NGINX_CACHE = Stack(
    name="nginx-cache",
    folder="nginx",
    start=_NGINX,
    needs=("nginx",),
    packages=("nginx-light",),
    origins=(FLASK,),
    mistakes=(
        Mistake(
            name="key-without-token",
            file="nginx.conf",
            old="$request_uri$http_x_authorization",
            new="$request_uri",
            blamed=_ids("AUTH-01"),
        ),
        Mistake(
            name="key-without-query",
            file="nginx.conf",
            old="$request_uri$http_x_authorization",
            new="$uri$http_x_authorization",
            # What is stored does not give way to an unusual query, either, so it is the server's.
            blamed=_ids("FILTER-01"),
            besides=_ids("STABLE"),
        ),
    ),
)
NGINX_GATEWAY = Stack(
    name="nginx-gateway",
    folder="nginx-gateway",
    start=_NGINX,
    needs=("nginx",),
    packages=("nginx-light",),
    origins=(EXPRESS,),
    mistakes=(
        Mistake(
            name="redirects-to-login",
            file="nginx.conf",
            old="            proxy_pass",
            new='            set $asked "$http_x_authorization$request_method";\n'
            '            if ($asked = "GET") {\n'
            "                return 302 /login;\n"
            "            }\n"
            "            proxy_pass",
            blamed=_ids("AUTH-07"),
        ),
        Mistake(
            name="query-lost-by-a-variable",
            file="nginx.conf",
            old="proxy_pass http://127.0.0.1:@ORIGIN0@;",
            new="proxy_pass http://127.0.0.1:@ORIGIN0@$uri;",
            blamed=_ids("FILTER-01"),
        ),
    ),
)
HAPROXY = Stack(
    name="haproxy",
    folder="haproxy",
    start=("haproxy", "-db", "-f", "haproxy.cfg"),
    needs=("haproxy",),
    packages=("haproxy",),
    origins=(FLASK, FLASK),
    mistakes=(
        Mistake(
            name="older-release-on-one-replica",
            file="app.py",
            old='request.args.get("activeOnly", "true").lower() != "false":\n'
            '        query += " AND provider.enabled"',
            new='request.args.get("activeOnly") == "true":\n'
            '        query += " AND provider.enabled"',
            origin=1,
            # Its list is that of another query, so STABLE-01 need not decide.
            blamed=_ids("STABLE-02"),
            besides=_ids("FILTER"),
        ),
    ),
)
VARNISH = Stack(
    name="varnish",
    folder="varnish",
    start=(
        *("varnishd", "-F", "-j", "none", "-n", "@FOLDER@/work", "-s", "malloc,16m"),
        *("-a", "127.0.0.1:@PORT@", "-f", "@FOLDER@/default.vcl"),
    ),
    needs=("varnishd",),
    packages=("varnish",),
    origins=(EXPRESS,),
    mistakes=(
        Mistake(
            name="hash-without-token",
            file="default.vcl",
            old="hash_data(req.http.X-Authorization);",
            new="",
            blamed=_ids("AUTH-01"),
        ),
    ),
)

STACKS = (
    *(FASTAPI, FLASK, DJANGO, EXPRESS, FASTIFY, GO, PHP, TOMCAT, SPRING),
    *(NGINX_CACHE, NGINX_GATEWAY, HAPROXY, VARNISH),
)
