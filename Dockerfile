# One image for every process: server, relay, worker, migration.
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements.lock pyproject.toml LICENSE README.md ./
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN /opt/venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
# Debian keeps no former versions to pin to: what was current when the image was built is in it.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/* && useradd --system --create-home --uid 10001 flitsketen \
    && install -d -o flitsketen /data
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH FLITSKETEN_DATA_DIR=/data
# By number: who starts it need not know the name.
USER 10001
EXPOSE 8000
ENTRYPOINT ["flitsketen"]
CMD ["serve", "--host", "0.0.0.0"]
