"""Debian's graphite-web on one folder of whisper files: one worker, no caches, a free loopback port.

    /usr/bin/python3 graphite_web.py STORAGE_DIR

STORAGE_DIR holds `whisper/`; everything else that graphite-web writes goes there too. Prints its
port, then serves until its standard input ends. Called by render.ts.
"""
import os
import sys
import threading
import types
from wsgiref.simple_server import WSGIRequestHandler, make_server

storage = os.path.abspath(sys.argv[1])
os.makedirs(os.path.join(storage, 'log'), exist_ok=True)

# Debian's own local settings name folders of a system installation: these take their place.
local = types.ModuleType('bench_settings')
local.SECRET_KEY = 'bench'
local.CONF_DIR = '/etc/graphite'
local.STORAGE_DIR = storage
local.WHISPER_DIR = os.path.join(storage, 'whisper')
local.LOG_DIR = os.path.join(storage, 'log')
local.INDEX_FILE = os.path.join(storage, 'index')
local.ALLOWED_HOSTS = ['*']
local.TIME_ZONE = 'UTC'
local.LOG_CACHE_PERFORMANCE = False
local.LOG_RENDERING_PERFORMANCE = False
local.FUNCTION_PLUGINS = []
local.FIND_CACHE_DURATION = 0
local.CARBONLINK_HOSTS = []
local.CACHES = {'default': {'BACKEND': 'django.core.cache.backends.dummy.DummyCache'}}
local.DATABASES = {
    'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': os.path.join(storage, 'web.db')}
}
sys.modules['bench_settings'] = local
os.environ['GRAPHITE_SETTINGS_MODULE'] = 'bench_settings'
os.environ['DJANGO_SETTINGS_MODULE'] = 'graphite.settings'

import django  # noqa: E402
from django.core.management import call_command  # noqa: E402

django.setup()
call_command('migrate', run_syncdb=True, verbosity=0)

from graphite.wsgi import application  # noqa: E402


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


server = make_server('127.0.0.1', 0, application, handler_class=Quiet)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
