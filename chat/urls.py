from django.urls import path

from chat import views

urlpatterns = [
    path("", views.chat, name="home"),
    path("c/<uuid:conversation_id>/", views.chat, name="conversation"),
    path("c/<uuid:conversation_id>/rename/", views.rename, name="rename_conversation"),
    path("c/<uuid:conversation_id>/pin/", views.pin, name="pin_conversation"),
    path("c/<uuid:conversation_id>/delete/", views.delete, name="delete_conversation"),
    path("c/<uuid:conversation_id>/restore/", views.restore, name="restore_conversation"),
    path("c/<uuid:conversation_id>/read/", views.mark_read, name="read_conversation"),
    path("c/<uuid:conversation_id>/branch/", views.show_branch, name="show_branch"),
    path("c/<uuid:conversation_id>/messages/", views.older_messages, name="older_messages"),
    path("runs/<uuid:run_id>/frames/", views.run_frames, name="run_frames"),
]
