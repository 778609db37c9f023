# An image with the command: docker build -t conductor-conformance .
#
#   docker run --rm -e CONDUCTOR_AUTH_TOKEN conductor-conformance run https://staging.example.com
#
# Reports are written to a mounted folder that user 10001 can write to:
#
#   docker run --rm -e CONDUCTOR_AUTH_TOKEN -v "$PWD/reports:/reports" conductor-conformance \
#     run https://staging.example.com --junit report.xml

FROM python:3.13.9-slim-bookworm AS build
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY spec spec
COPY conductor_conformance_pytest.py ./
COPY conformance conformance
RUN python -m venv /opt/conformance \
    && /opt/conformance/bin/pip install --no-cache-dir --disable-pip-version-check \
        --constraint constraints.txt '.[contract]'

FROM python:3.13.9-slim-bookworm
COPY --from=build /opt/conformance /opt/conformance
RUN useradd --system --uid 10001 --no-create-home conformance \
    && install -d -o 10001 /reports
# Otherwise a third of the memory of a run on a large cluster is freed, and kept by the C library.
ENV MALLOC_TRIM_THRESHOLD_=131072
USER 10001
WORKDIR /reports
ENTRYPOINT ["/opt/conformance/bin/conductor-conformance"]
CMD ["--help"]
