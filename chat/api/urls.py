from django.urls import path

from chat.api import views

urlpatterns = [
    path("models", views.models),
    path("models/<path:name>", views.model),
    path("chat/completions", views.chat_completions),
]
